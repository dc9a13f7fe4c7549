/* The bytes of a scenario file: fetched whole, and checked to be text before libyaml sees them. */
#include "models/document_internal.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static char *refuse(struct problems *problems, const char *path, const char *why, const char *detail)
{
    struct mark whole = {.file = problems_file(problems, path, NULL, 0)};
    problems_add(problems, whole, "%s%s", why, detail);
    return NULL;
}

static char *refuse_errno(struct problems *problems, const char *path, int cause)
{
    if (cause == ENOENT || cause == ENOTDIR) return refuse(problems, path, "no such file", "");
    if (cause == EACCES || cause == EPERM)
        return refuse(problems, path, "no permission to read this file", "");
    return refuse(problems, path, "cannot be read: ", strerror(cause));
}

/* Reads to the end, or one byte past the limit. A file can grow while it is read, so its size is not trusted.
 */
static char *read_all(int descriptor, size_t *length)
{
    size_t capacity = 1 << 16;
    char *bytes = malloc(capacity + 1);
    *length = 0;
    while (bytes) {
        if (*length == capacity) {
            char *grown = realloc(bytes, 2 * capacity + 1);
            if (!grown) break;
            bytes = grown;
            capacity *= 2;
        }
        ssize_t got = read(descriptor, bytes + *length, capacity - *length);
        if (got < 0 && errno == EINTR) continue;
        if (got < 0) break;
        *length += (size_t)got;
        if (got > 0 && *length <= DOCUMENT_MAX_BYTES) continue;
        bytes[*length] = '\0';
        return bytes;
    }
    int cause = errno;
    free(bytes);
    errno = cause;
    return NULL;
}

char *document_bytes(struct problems *problems, const char *path, size_t *length)
{
    /* O_NONBLOCK: opening a pipe must not wait for a writer. */
    int descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (descriptor < 0) return refuse_errno(problems, path, errno);
    struct stat status;
    int cause = 0;
    char *bytes = NULL;
    const char *kind = NULL;
    if (fstat(descriptor, &status) != 0)
        cause = errno;
    else if (S_ISDIR(status.st_mode))
        kind = "is a folder, not a file";
    else if (!S_ISREG(status.st_mode))
        kind = "is not a regular file";
    else if (!(bytes = read_all(descriptor, length)))
        cause = errno;
    close(descriptor);
    if (kind) return refuse(problems, path, kind, "");
    if (!bytes) return refuse_errno(problems, path, cause);
    if (*length <= DOCUMENT_MAX_BYTES) return bytes;
    free(bytes);
    return refuse(problems, path, "is larger than 16 MB, too large for a scenario file", "");
}

size_t utf8_decode(const char *bytes, size_t length, uint32_t *code)
{
    const unsigned char *text = (const unsigned char *)bytes;
    static const uint32_t least[5] = {0, 0, 0x80, 0x800, 0x10000};
    unsigned char first = text[0];
    if (first < 0x80) {
        *code = first;
        return 1;
    }
    size_t size = first >= 0xF8 ? 0 : first >= 0xF0 ? 4 : first >= 0xE0 ? 3 : first >= 0xC0 ? 2 : 0;
    if (size == 0 || size > length) return 0;
    *code = first & (0xFFu >> (size + 1));
    for (size_t i = 1; i < size; i++) {
        if ((text[i] & 0xC0) != 0x80) return 0;
        *code = *code << 6 | (text[i] & 0x3F);
    }
    bool surrogate = *code >= 0xD800 && *code <= 0xDFFF;
    return *code < least[size] || *code > 0x10FFFF || surrogate ? 0 : size;
}

/* What libyaml would refuse, and the byte order mark, which nobody sees. */
static bool is_control(uint32_t code)
{
    if (code == '\t' || code == '\n' || code == '\r') return false;
    return code < 0x20 || (code >= 0x7F && code < 0xA0 && code != 0x85) || code == 0xFEFF || code == 0xFFFE ||
           code == 0xFFFF;
}

/* YAML counts these as line ends, editors do not: line numbers would differ. */
static bool is_odd_line_end(uint32_t code)
{
    return code == 0x85 || code == 0x2028 || code == 0x2029;
}

bool utf8_printable(uint32_t code)
{
    return code >= 0x20 && !is_control(code) && !is_odd_line_end(code);
}

static void advance(struct mark *mark, const char *text, size_t at, size_t length)
{
    bool ends = text[at] == '\n' || (text[at] == '\r' && !(at + 1 < length && text[at + 1] == '\n'));
    mark->column = ends ? 1 : mark->column + 1;
    mark->line += ends;
}

bool document_bytes_check(struct problems *problems, int file, const char *prefix, const char *text,
                          size_t length)
{
    struct mark mark = {.file = file, .line = 1, .column = 1};
    const struct mark whole = {.file = file};
    if (length > 0 && memchr(text, '\0', length))
        return problems_add(problems, whole, "%sis not a text file: it holds NUL bytes", prefix);
    for (size_t at = 0; at < length;) {
        uint32_t code = 0;
        size_t size = utf8_decode(text + at, length - at, &code);
        if (size == 0)
            return problems_add(problems, mark, "%sis not UTF-8 text: byte 0x%02X; save the file as UTF-8",
                                prefix, (unsigned char)text[at]);
        if (is_control(code))
            return problems_add(problems, mark, "%scontrol character U+%04X; remove it", prefix, code);
        if (is_odd_line_end(code))
            return problems_add(problems, mark, "%sline separator U+%04X; use an ordinary line end", prefix,
                                code);
        /* libyaml compares each %TAG with all before it: a file of them would take minutes. */
        if (code == '%' && mark.column == 1)
            return problems_add(problems, mark, "%sa line that starts with '%%' is not allowed", prefix);
        advance(&mark, text, at, length);
        at += size;
    }
    return true;
}
