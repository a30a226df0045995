"""The sentences on the library, on OpenSSL, and of the diagnosis."""

from __future__ import annotations

# Finding the library, and refusing a file.
NO_LIBRARY = (
    "No library of Parsec's SDK is set. Pass library='…/libparsec.so', or set "
    "PARSEC_SDK_PATH to its path. Parsec gives it to developers; parsec_nb neither has "
    "it nor fetches it. parsec_nb.login(demo=True) needs none."
)
NOT_A_PATH = "{name}={value!r} is not a path. Pass a str or a pathlib.Path."
NO_FILE = "{source}: there is no file {path}. Check the path."
UNREADABLE = "{source}: {path} cannot be read ({reason}). Check who may read it."
NOT_A_FILE = "{source}: {path} is not a regular file. Pass the path of a file."
NO_LIBRARY_IN_FOLDER = (
    "{source}: the folder {path} holds no library whose name contains 'parsec'. Pass "
    "the path of the SDK's library itself."
)
LIBRARIES_IN_FOLDER = (
    "{source}: the folder {path} holds several libraries: {names}. Pass the path of "
    "one of them."
)
NOT_A_LIBRARY = (
    "{path} is not a library but {kind}. Take the SDK's library for {system}, "
    "{architecture}."
)
WRONG_SYSTEM = (
    "{path} is a library for {file}, but this is {system}. Take the SDK's library for "
    "{system}, {architecture}."
)
WRONG_ARCHITECTURE = (
    "{path} is a library for {file}, but {python} is for {architecture}. Take the "
    "SDK's library for {architecture}, or pass python='…', the path of a Python for "
    "{file}."
)
NO_PYTHON = "There is no program python={python!r}. Pass the path of a Python."
BITS = "{architecture} ({bits} bits)"
THIS_PYTHON = "this Python"
THAT_PROCESSOR = "the processor of that Python"

# What a file is.
EMPTY = "an empty file"
TRUNCATED = "the beginning of a library ({format}), which was not copied wholly"
PROGRAM = "a program ({format})"
TEXT = "a text file"
HTML = "an HTML page, as a browser saves instead of a file that needs a login"
ARCHIVE = "an archive ({format}), which has to be unpacked first"
STATIC_LIBRARY = "a static library, which Python cannot load"
LFS_POINTER = "a pointer of Git LFS, which `git lfs pull` replaces"
JAVA_CLASS = "a Java class"
UNKNOWN_FILE = "a file of an unknown kind"

# OpenSSL.
NO_OPENSSL = (
    "Parsec's SDK needs OpenSSL 1.1 to connect, and the system's folders have none for "
    "{architecture}. It is out of support, so keep it apart: unpack the package "
    "libssl1.1 of Debian 11 into a folder, and pass openssl='…', the folder that holds "
    "libcrypto.so.1.1 and libssl.so.1.1, or set PARSEC_OPENSSL_PATH to it."
)
NO_OPENSSL_THERE = (
    "{source}: {path} is neither libcrypto.so.1.1 nor a folder that holds it. Pass the "
    "folder that holds libcrypto.so.1.1 and libssl.so.1.1."
)
NO_SSL_BESIDE = (
    "{source}: {path} is there, but {missing} is not beside it. Both are in the "
    "package libssl1.1 of Debian 11."
)
OPENSSL_UNFIT = "{source}: {path} is {what}. Take OpenSSL 1.1 for {architecture}."
FOR_PROCESSOR = "for {architecture}"

# The diagnosis.
DIAGNOSIS_COLUMNS = ("what", "found", "what to do")
NOT_FOUND = "not found"
NOT_USABLE = "cannot be used"
NOT_INSTALLED = "not installed"
NOT_ASKED = "not known"
LIBRARY_FOUND = "{path} (from {source})"
LIBRARY_FILE = "{format}, {architectures}, {size:.1f} MB"
LIBRARY_LACKS_FUNCTIONS = "{version}, without {names}"
TAKE_VERSION_6 = "Take version 6.0 of the SDK, which has all functions."
NO_LOAD = "The system cannot load it: {reason}. Install the library that this names."
ENDS_PROCESS = "The library ended the process that loaded it (exit status {status})."
HANGS = "The library did not load within {seconds:.0f} s."
NOT_PARSEC = "The library lacks ParsecVersion, so that it is not the SDK's."
TAKE_ANOTHER = "{reason} Take another copy of the SDK's library."
NO_PROCESS = "No process can be started ({reason}), and the SDK needs one."
OPENSSL_FOUND = "{version}: {crypto}"
INSTALL = "pip install {distribution}"
INSTALL_NEEDED = "parsec_nb.sdk needs it: pip install {distribution}"
USE_NUMPY = "frames and sound as arrays"
USE_ANYWIDGET = "the view, with input"
USE_SIMPLEJPEG = "the view's pictures"
USE_OPENCV = "quicker colours"
USE_PILLOW = "Frame.to_image()"
USE_PYAV = "recordings as .mp4"
USE_PANDAS = "tables of the history"
EXTRA = "{found}; for {use}"
