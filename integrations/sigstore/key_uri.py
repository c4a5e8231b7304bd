"""A signing key by its URI, as securesystemslib names them: in a file, a cloud's KMS, an HSM, HashiCorp Vault.

    file:/etc/llmgate/signing.pem                       a PEM file (mode 0600); a plain path is the same
    hsm:2?label=signing&pin-source=/run/secrets/pin     PKCS#11; the module's path is in PYKCS11LIB
    awskms:arn:aws:kms:…   gcpkms:projects/…/cryptoKeyVersions/1   azurekms://name.vault.azure.net/keys/signing/…
    hv:signing/3                                        HashiCorp Vault's transit engine, a key and its version

Parameters of our own, taken off before the library sees the URI: `scheme` (for RSA: `rsassa-pss-sha256`,
`rsa-pkcs1v15-sha384`, …), `public-key` (the public half as a PEM file: else the key's home is asked for it once, at the
start), `pin-source` (a file with the PIN, mode 0600; the word is RFC 7512's) and `encrypted=false` (the only kind there is).
Libraries of vendors are extras of securesystemslib and imported when their scheme is used.
"""

from __future__ import annotations

import stat
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar
from urllib.parse import parse_qsl, quote, unquote, urlencode, urlsplit

from cryptography.hazmat.primitives import serialization
from cryptography.x509 import Certificate

from integrations.sigstore.keys import BadKey, fingerprint, load_key, read_public_key
from integrations.sigstore.signatures import DEFAULT_RSA_SCHEME, RSA_SCHEMES, PublicKey, is_fit
from integrations.sigstore.signer import KeySigner, RemoteSigner

if TYPE_CHECKING:
    from securesystemslib.signer import Key, SSlibKey  # type: ignore[attr-defined]  # no __all__

T = TypeVar("T")
FILES = ("file", "file2")
OURS = ("encrypted", "scheme", "public-key", "pin-source")
EXTRAS = {"hsm": "hsm", "awskms": "awskms", "gcpkms": "gcpkms", "azurekms": "azurekms", "hv": "vault"}
"""Scheme -> the extra of securesystemslib that brings its client."""
_UNFIT = ("gnupg", "tkey")
"""They sign what no Sigstore bundle carries: OpenPGP packets, ML-DSA."""


@dataclass(frozen=True, slots=True)
class KeyUri:
    """A URI taken apart: `bare` is what securesystemslib gets."""

    scheme: str
    path: str
    bare: str
    own: dict[str, str]

    @property
    def shown(self) -> str:
        """Without parameters, fit for a message."""
        return f"{self.scheme}:{self.path}"


def open_signer(uri: str | Path, chain: Sequence[Certificate] = ()) -> KeySigner | RemoteSigner:
    """The signer of a key URI or path (one of type Path may hold a colon).

    Raises BadKey: unknown scheme, missing library, no such key, not the chain's.
    """
    parsed = KeyUri("file", quote(str(uri)), str(uri), {}) if isinstance(uri, Path) else _parse(uri)
    signer = _of_file(parsed, chain) if parsed.scheme in FILES else _of_library(parsed, chain)
    if chain:
        certified = chain[0].public_key()
        if not isinstance(certified, PublicKey) or fingerprint(certified) != signer.key_sha256:
            saw = f"saw `signing.certificate_chain` begin with another key's certificate ({chain[0].subject.rfc4514_string()})"
            raise BadKey(f"{saw}; wanted that of key {signer.key_sha256[:16]}…; put the signer's own certificate first")
    return signer


def _parse(uri: str) -> KeyUri:
    scheme, colon, rest = uri.partition(":")
    if not colon:
        return KeyUri("file", quote(uri), uri, {})
    address, _, query = rest.partition("?")
    pairs = parse_qsl(query, keep_blank_values=True)
    others = urlencode([pair for pair in pairs if pair[0] not in OURS])
    bare = f"{scheme}:{address}" + (f"?{others}" if others else "")
    path = urlsplit(f"file:{address}").path if scheme in FILES else address
    return KeyUri(scheme, path, bare, {key: value for key, value in pairs if key in OURS})


def _of_file(uri: KeyUri, chain: Sequence[Certificate]) -> KeySigner:
    if uri.own.get("encrypted", "false") != "false":
        raise BadKey(f"saw {uri.shown} with encrypted={uri.own['encrypted']}; wanted an unencrypted PEM file, mode 0600")
    scheme = uri.own.get("scheme", DEFAULT_RSA_SCHEME)
    if scheme not in RSA_SCHEMES:
        raise BadKey(f"saw scheme={scheme[:40]} for {uri.shown}; wanted one of {', '.join(RSA_SCHEMES)}; other keys need none")
    return KeySigner(load_key(Path(unquote(uri.path))), chain, scheme)


def _of_library(uri: KeyUri, chain: Sequence[Certificate]) -> RemoteSigner:
    from securesystemslib.signer import SIGNER_FOR_URI_SCHEME, Signer, SSlibKey  # type: ignore[attr-defined]  # no __all__

    if uri.scheme not in SIGNER_FOR_URI_SCHEME or uri.scheme in _UNFIT:
        schemes = ", ".join(f"{one}:" for one in ("file", *EXTRAS))
        raise BadKey(
            f"saw the scheme {uri.scheme[:20]!r} of a key URI; wanted a path or one of {schemes}; correct `signing.key_uri`"
        )
    secrets, known = _secrets(uri), _known_key(uri, chain)
    key: Key = _asked(uri, lambda: _fetch(uri, secrets)) if known is None else _library_key(uri, known)
    if not isinstance(key, SSlibKey):
        raise BadKey(f"saw a key of type {key.keytype} at {uri.shown}; wanted ECDSA, Ed25519 or RSA")
    signer = _asked(uri, lambda: Signer.from_priv_key_uri(uri.bare, key, secrets))
    return RemoteSigner(signer, _crypto_key(uri, key), chain)


def _known_key(uri: KeyUri, chain: Sequence[Certificate]) -> PublicKey | None:
    """The public half where it need not be asked for."""
    if "public-key" in uri.own:
        path = Path(uri.own["public-key"])
        try:
            return read_public_key(path.read_bytes(), str(path))
        except OSError as error:
            raise BadKey(f"saw public-key={path}: {error.strerror}; wanted the key's public half (PEM) there") from None
    certified = chain[0].public_key() if chain else None
    return certified if isinstance(certified, PublicKey) else None


def _library_key(uri: KeyUri, key: PublicKey) -> SSlibKey:
    from securesystemslib.signer import SSlibKey  # type: ignore[attr-defined]  # no __all__

    return SSlibKey.from_crypto(key, fingerprint(key), uri.own.get("scheme"))


def _crypto_key(uri: KeyUri, key: SSlibKey) -> PublicKey:
    """The library keeps Ed25519 keys as raw hex and all others as PEM."""
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

    value = key.keyval["public"]
    if key.keytype == "ed25519":
        return Ed25519PublicKey.from_public_bytes(bytes.fromhex(value))
    public = serialization.load_pem_public_key(value.encode())
    if not isinstance(public, PublicKey) or not is_fit(public):
        raise BadKey(f"saw a key of type {key.keytype} at {uri.shown}; wanted ECDSA, Ed25519 or RSA of 2048 bits or more")
    return public


def _fetch(uri: KeyUri, secrets: Callable[[str], str]) -> Key:
    """The public half from where the key lives; each of the library's signers asks for it by arguments of its own."""
    from securesystemslib.signer import AWSSigner, AzureSigner, GCPSigner, HSMSigner, VaultSigner  # type: ignore[attr-defined]  # no __all__

    if uri.scheme == "hsm":
        label = dict(parse_qsl(urlsplit(uri.bare).query)).get("label")
        return HSMSigner.import_(int(uri.path) if uri.path else None, label, secrets)[1]
    if uri.scheme == "awskms":
        return AWSSigner.import_(uri.path, uri.own.get("scheme"))[1]
    if uri.scheme == "gcpkms":
        return GCPSigner.import_(uri.path)[1]
    if uri.scheme == "azurekms":
        host, _, name = uri.path.removeprefix("//").partition("/keys/")
        return AzureSigner.import_(host.partition(".")[0], name.partition("/")[0])[1]
    if uri.scheme == "hv":
        newest, key = VaultSigner.import_(uri.path.partition("/")[0])
        if newest != uri.bare:
            raise BadKey(
                f"saw {uri.shown} while Vault's newest version is {newest}; wanted that, or `public-key=` of the older"
            )
        return key
    raise BadKey(f"saw {uri.shown} without its public half; wanted `?public-key=PATH` (PEM) in the key URI")


def _newest(uri: KeyUri, found: tuple[str, Key]) -> Key:
    """Both vaults tell the newest version's key only, whichever is named."""
    newest, key = found
    if newest != uri.bare:
        raise BadKey(
            f"saw {uri.shown} while the newest version is {newest}; wanted that, or `public-key=PATH` of the older one"
        )
    return key


def _secrets(uri: KeyUri) -> Callable[[str], str]:
    def read(name: str) -> str:
        if "pin-source" not in uri.own:
            raise BadKey(f"saw {uri.shown} ask for its {name}; wanted `?pin-source=PATH` in the key URI, a file of mode 0600")
        path = Path(uri.own["pin-source"])
        try:
            mode, content = stat.S_IMODE(path.stat().st_mode), path.read_text()
        except (OSError, UnicodeDecodeError):
            raise BadKey(f"saw no readable file at pin-source={path}; wanted the {name} there, mode 0600") from None
        if mode & 0o077:
            raise BadKey(f"saw pin-source={path} with mode {mode:04o}; wanted 0600, since others may read it; run `chmod 600`")
        return content.strip()

    return read


def _asked(uri: KeyUri, ask: Callable[[], T]) -> T:
    """Vendors' clients raise what they like; all of it means that the key cannot be used. Raises BadKey."""
    from securesystemslib.exceptions import UnsupportedLibraryError

    try:
        return ask()
    except BadKey:
        raise
    except UnsupportedLibraryError as error:
        extra = EXTRAS.get(uri.scheme, uri.scheme)
        cure = f"run `pip install 'securesystemslib[{extra}]'`"
        raise BadKey(f"saw {uri.shown} without its library ({error}); wanted it installed; {cure}") from None
    except Exception as error:  # see above; the text of a stranger's error may hold a secret, so only its kind is told
        kind, cure = type(error).__name__, "correct `signing.key_uri` or the credentials of its client"
        raise BadKey(f"saw {uri.shown} refuse to be used ({kind}); wanted a key that signs; {cure}") from None
