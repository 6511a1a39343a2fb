"""The ports of verification that process uploads; apart, because the sweep carries no image library."""

from __future__ import annotations

from functools import cached_property

from shared.composition.verification import VerificationPorts
from shared.verification.ports import ImageSanitiser
from shared.verification.upload_processor import UploadProcessor


class UploadPorts(VerificationPorts):
    """What submitting a verification document needs."""

    @cached_property
    def processor(self) -> UploadProcessor:
        """Return the processor of uploaded files."""
        return UploadProcessor(self.objects, self.runtime.external("image sanitiser", self._open_sanitiser))

    def _open_sanitiser(self) -> ImageSanitiser:
        from shared.adapters.image_sanitiser import PillowSanitiser

        return PillowSanitiser()
