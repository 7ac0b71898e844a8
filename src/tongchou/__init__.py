"""tongchou (统筹): one system for a public-health emergency and the recovery from it."""

from tongchou.version import __version__

__all__ = ["__version__"]
