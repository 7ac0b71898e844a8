"""What the exchange keeps."""

from tongchou.station.exchange.models.held import HeldPack, HeldTable

__all__ = ["HeldPack", "HeldTable"]
