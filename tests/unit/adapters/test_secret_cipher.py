"""What is sealed is opened by its owner's name and its key, and by nothing else."""

from __future__ import annotations

import pytest

from shared.adapters.secret_cipher import AesGcmCipher, parse_keys
from shared.identity.ports import DecryptionFailed

OLD, NEW = b"o" * 32, b"n" * 32


def test_what_was_sealed_is_opened_and_looks_otherwise_each_time() -> None:
    cipher = AesGcmCipher({"k1": OLD})
    sealed = [cipher.encrypt("geheim, गुप्त", "asha") for _ in range(2)]

    assert [cipher.decrypt(box, "asha") for box in sealed] == ["geheim, गुप्त"] * 2
    assert sealed[0] != sealed[1]
    assert "geheim" not in sealed[0]


def test_a_new_key_seals_and_the_old_one_still_opens() -> None:
    before = AesGcmCipher({"k1": OLD}).encrypt("secret", "asha")
    rotated = AesGcmCipher({"k2": NEW, "k1": OLD})

    assert rotated.decrypt(before, "asha") == "secret"
    assert rotated.encrypt("secret", "asha").startswith("v1.k2.")
    with pytest.raises(DecryptionFailed):
        AesGcmCipher({"k2": NEW}).decrypt(before, "asha")


def test_a_secret_in_another_person_s_document_is_not_opened() -> None:
    cipher = AesGcmCipher({"k1": OLD})
    with pytest.raises(DecryptionFailed):
        cipher.decrypt(cipher.encrypt("secret", "asha"), "mallory")


def test_no_changed_byte_is_opened() -> None:
    cipher = AesGcmCipher({"k1": OLD, "k2": NEW})
    sealed = cipher.encrypt("secret", "asha")
    for n in range(len(sealed)):
        changed = sealed[:n] + ("A" if sealed[n] != "A" else "B") + sealed[n + 1 :]
        if changed.rstrip("=")[:-1] == sealed.rstrip("=")[:-1]:
            continue  # the last letter of base64 may have idle bits
        with pytest.raises(DecryptionFailed):
            cipher.decrypt(changed, "asha")


@pytest.mark.parametrize("sealed", ["", "v1", "v1.k1.", "v1.k1.AAAA", "v1.k1.é", "v2.k1.AAAA", "v1.k1.A.B"])
def test_what_was_never_sealed_is_not_opened(sealed: str) -> None:
    with pytest.raises(DecryptionFailed):
        AesGcmCipher({"k1": OLD}).decrypt(sealed, "asha")


def test_a_setting_names_its_keys_the_newest_first() -> None:
    assert list(parse_keys(f"k2:{'ab' * 32}, k1:{'00' * 32}").items()) == [
        ("k2", b"\xab" * 32),
        ("k1", bytes(32)),
    ]


@pytest.mark.parametrize(
    "setting", ["", "k1", "k1:", f"k1:{'0' * 63}", f"{'0' * 64}", f"k1:{'x' * 64}", f"k1:{'0' * 64},"]
)
def test_a_setting_that_is_no_list_of_keys_stops_the_start(setting: str) -> None:
    with pytest.raises(ValueError, match="name:hex"):
        parse_keys(setting)
