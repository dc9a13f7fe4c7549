/* What the document_*.c files share; nobody else includes it. */
#ifndef CORRIDOR_MODELS_DOCUMENT_INTERNAL_H
#define CORRIDOR_MODELS_DOCUMENT_INTERNAL_H

#include "models/document.h"

/* Longer keys could not be read back in the simple form "key: value" once escapes are written out. */
#define DOCUMENT_MAX_KEY_BYTES 240

#define NOT_FOUND SIZE_MAX

/* An arena: all nodes and texts of a document, freed in one go. NULL when the machine refuses memory;
 * `failed` then stays set, so that a reader may check once, at its end. */
struct document_memory {
    struct memory_block *block;
    size_t used, size; /* of the newest block */
    bool failed;
};

bool document_start(struct document *self, struct problems *problems);
void *memory_take(struct document_memory *self, size_t bytes);
char *memory_copy(struct document_memory *self, const char *text, size_t length);
char *memory_format(struct document_memory *self, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* Position of a key in a map (the key need not end with a zero), or NOT_FOUND. */
size_t node_position(const struct node *map, const char *key, size_t length);
/* One step of a dotted path: the key of a map or the name in a list that `path` starts with, followed by '.'
 * or the end. Keys may hold dots themselves; the shortest that is there wins. `used` becomes its length. */
size_t node_step(const struct node *node, const char *path, size_t *used);
/* The name of a list item: its key `name`, or its only key when that holds a map; or NULL. */
const char *node_name(const struct node *item);
/* What an item of a list holds: {name: {...}} has it behind its name, {name: name, ...} beside it. */
struct node *node_content(struct node *item);
/* Takes the entries whose value is NULL out of a list or map. */
void node_compact(struct document *self, struct node *node);
/* Collections on the way from this node to its deepest one; 0 for a scalar. */
int node_depth(const struct node *node);

/* The bytes of a file, with a zero behind them; the caller frees them. NULL after adding a problem. */
char *document_bytes(struct problems *problems, const char *path, size_t *length);
/* Whether the bytes are UTF-8 text that YAML allows; adds a problem otherwise. `prefix` starts each message.
 */
bool document_bytes_check(struct problems *problems, int file, const char *prefix, const char *text,
                          size_t length);

/* Decodes one character: its size, or 0 when the bytes are not UTF-8 (overlong forms and surrogates
 * included). */
size_t utf8_decode(const char *bytes, size_t length, uint32_t *code);
/* Whether a character may stand in a file as it is; tabs, line ends and invisible marks need an escape. */
bool utf8_printable(uint32_t code);

/* Reads one file, or one text, into the document's memory. NULL after a problem; a value may be of any kind,
 * while a file must be a map. `depth`: collections that will stand around the value. */
struct node *document_read_map(struct document *self, const char *path);
struct node *document_read_value(struct document *self, const char *prefix, const char *text, int depth);

/* The mistake libyaml met, in plain words; `after` is the text from the place of the mistake on. */
struct yaml_parser_s;
const char *document_syntax(const struct yaml_parser_s *parser, char after, char *words, size_t size);

/* Whether a text can be written without quotes after "key: " or "- " in block style and be read back as it
 * is. */
bool document_plain_text(const char *text);

/* Merges a later map over an earlier one, which takes over its nodes. Adds problems and returns false on
 * conflicts. */
bool document_merge(struct document *self, struct node *earlier, struct node *later);
/* One "path=value" of the command line. */
bool document_set(struct document *self, const char *setting);

/* Relative, without "..", "." or empty parts. */
bool document_name_allowed(const char *name);
/* Paths in the document's memory. The first file of that name, or NULL. */
const char *document_search_file(const struct document *self, const char *from, const char *name,
                                 const char *const *installed);
/* The files of a model, sorted by name; count 0 when there is none. */
const char **document_search_model(const struct document *self, const char *from, const char *name,
                                   const char *const *installed, size_t *count);
/* The nearest name among those that the two functions above would find, or NULL. */
const char *document_nearest_file(const struct document *self, const char *from, const char *name,
                                  const char *const *installed);
const char *document_nearest_model(const struct document *self, const char *from, const char *name,
                                   const char *const *installed);

#endif
