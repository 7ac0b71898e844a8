"""Static files: hashed names and compressed copies once they are collected, plain names before."""

from whitenoise.storage import CompressedManifestStaticFilesStorage


class StaticFiles(CompressedManifestStaticFilesStorage):
    """Use the manifest where there is one; tests and commands run without collecting files."""

    def stored_name(self, name: str) -> str:
        """Give the name a file is served under."""
        return super().stored_name(name) if self.hashed_files else name
