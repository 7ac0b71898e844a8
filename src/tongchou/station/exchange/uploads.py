"""Uploads are bounded while they come in: what goes beyond the limit is let go of, not kept."""

from typing import Any

from django.core.files.uploadhandler import FileUploadHandler, StopUpload

from tongchou.station.exchange.limits import limit

TOO_LARGE = "upload_too_large"


class BoundedUpload(FileUploadHandler):
    """Count the bytes of a request's files and stop taking them in beyond the limit.

    The request is then marked, and the page says so; the rest is read off and thrown away, so that
    the browser hears the answer. The handlers after this one do the keeping.
    """

    def __init__(self, request: Any = None) -> None:
        super().__init__(request)
        self.taken = 0

    def receive_data_chunk(self, raw_data: bytes, start: int) -> bytes:
        """Pass a piece on while the limit is kept."""
        self.taken += len(raw_data)
        if self.taken > limit("file_bytes"):
            if self.request is not None:
                self.request.META[TOO_LARGE] = True
            raise StopUpload(connection_reset=False)
        return raw_data

    def file_complete(self, file_size: int) -> None:
        """Leave the file to the handlers that keep it."""
        return
