"""What another account of this machine may do with our files: for the opener, which serves one, and for the doctor.

It is read from owner, group and mode, as the kernel would. An access list (ACL) counts as if it named the account:
its mask, which stands in the group's bits, is the most that it can give.
"""

from __future__ import annotations

import grp
import os
import pwd
from dataclasses import dataclass
from pathlib import Path

from formengine.errors import ConfigError

_ACL = "system.posix_acl_access"


@dataclass(frozen=True, slots=True)
class Account:
    """An account by its name, with its own group and all others that it is in."""

    name: str
    uid: int
    gid: int
    groups: frozenset[int]

    @property
    def group(self) -> str:
        """The name of its own group."""
        try:
            return grp.getgrgid(self.gid).gr_name
        except KeyError:
            return str(self.gid)

    def can_enter(self, folder: Path) -> bool:
        """Whether it gets into *folder* and what lies above it, so far as there is any."""
        return self.shut_out_at(folder) is None

    def can_read(self, file: Path) -> bool:
        """Whether it gets at what *file* holds."""
        return file.exists() and self.can_enter(file.parent) and self._may(file, os.R_OK)

    def shut_out_at(self, folder: Path) -> Path | None:
        """The outermost folder on the way into *folder* that it may not enter."""
        for one in reversed((folder, *folder.parents)):
            if one.exists() and not self._may(one, os.X_OK):
                return one
        return None

    def _may(self, path: Path, right: int) -> bool:
        if self.uid == 0:
            return True
        about = path.stat()
        if about.st_uid == self.uid:
            return bool(about.st_mode >> 6 & right)
        if about.st_gid in self.groups:
            return bool(about.st_mode >> 3 & right)
        return bool(about.st_mode & right) or (_has_list(path) and bool(about.st_mode >> 3 & right))


def account(name: str) -> Account:
    """The account that FORMENGINE_OPENER_PEER names. Errors: ConfigError."""
    try:
        found = pwd.getpwnam(name)
    except (KeyError, ValueError) as error:
        raise ConfigError(f"FORMENGINE_OPENER_PEER: there is no account {name!r} on this machine") from error
    groups = os.getgrouplist(found.pw_name, found.pw_gid)
    return Account(found.pw_name, found.pw_uid, found.pw_gid, frozenset(groups))


def _has_list(path: Path) -> bool:
    try:
        return _ACL in os.listxattr(path)
    except OSError:  # a file system without any
        return False


def own_name() -> str:
    """The name of the account that this process runs under."""
    try:
        return pwd.getpwuid(os.getuid()).pw_name
    except KeyError:
        return str(os.getuid())
