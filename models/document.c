/* From YAML to the tree: libyaml's events, one at a time, with every limit checked before the next is asked
 * for. */
#include "models/document_internal.h"

#include <stdlib.h>
#include <string.h>
#include <yaml.h>

/* A collection that is being read. */
struct frame {
    struct node *node;
    char *key; /* of a map: the key that waits for its value */
    struct mark key_mark;
    const char *repeated; /* the key last reported as written twice, so that each is told once */
    bool skip;            /* the value belongs to a repeated key: read, but not kept */
};

struct reader {
    struct document *document;
    const char *text;
    size_t length;
    int file;
    const char *prefix; /* of messages */
    size_t nodes, documents;
    int depth, depth_around;
    struct frame frame[DOCUMENT_MAX_DEPTH];
    struct node *root;
    bool ok;
};

static struct mark mark_of(const struct reader *self, yaml_mark_t place)
{
    if (self->file < 0) return (struct mark){.file = self->file};
    return (struct mark){.file = self->file, .line = (int)place.line + 1, .column = (int)place.column + 1};
}

static bool complain(struct reader *self, struct mark mark, const char *message)
{
    self->ok = false;
    return problems_add(self->document->problems, mark, "%s%s", self->prefix, message);
}

/* libyaml counts characters; this finds the byte. */
static char byte_at(const struct reader *self, size_t character)
{
    size_t at = 0;
    for (; at < self->length; at++) {
        bool starts = ((unsigned char)self->text[at] & 0xC0) != 0x80;
        if (starts && character-- == 0) return self->text[at];
    }
    return ' ';
}

static bool syntax_error(struct reader *self, const yaml_parser_t *parser)
{
    char words[256];
    char after = byte_at(self, parser->problem_mark.index);
    return complain(self, mark_of(self, parser->problem_mark),
                    document_syntax(parser, after, words, sizeof words));
}

/* Gives the value its place in the collection around it. */
static void attach(struct reader *self, struct node *value)
{
    if (self->depth == 0) {
        self->root = value;
        return;
    }
    struct frame *frame = &self->frame[self->depth - 1];
    if (frame->node->kind == NODE_LIST) {
        node_append(self->document, frame->node, value);
        return;
    }
    if (!frame->skip) node_put(self->document, frame->node, frame->key, frame->key_mark, value);
    frame->key = NULL;
}

/* A repeated key: each is reported once, so that a file of one key a thousand times gives one message. */
static void check_repeated(struct reader *self, struct frame *frame, size_t length)
{
    size_t at = node_position(frame->node, frame->key, length);
    frame->skip = at != NOT_FOUND;
    if (!frame->skip || frame->repeated == frame->node->key[at]) return;
    frame->repeated = frame->node->key[at];
    self->ok = problems_add(self->document->problems, frame->key_mark,
                            "%skey '%s' is written twice; the first is in line %d", self->prefix, frame->key,
                            frame->node->key_mark[at].line);
}

static bool take_key(struct reader *self, const yaml_event_t *event, struct mark mark)
{
    struct frame *frame = &self->frame[self->depth - 1];
    if (event->type != YAML_SCALAR_EVENT)
        return complain(self, mark, "a key must be a name, not a list or a map");
    const char *text = (const char *)event->data.scalar.value;
    size_t length = event->data.scalar.length;
    if (length == 0) return complain(self, mark, "a key is missing before ':'");
    if (memchr(text, '\0', length)) return complain(self, mark, "a NUL character is not allowed in a key");
    if (length > DOCUMENT_MAX_KEY_BYTES) return complain(self, mark, "a key of more than 240 bytes");
    if (frame->node->count >= DOCUMENT_MAX_KEYS)
        return complain(self, mark, "a map of more than 10,000 keys");
    frame->key = memory_copy(self->document->memory, text, length);
    frame->key_mark = mark;
    if (!frame->key) return complain(self, mark, "not enough memory");
    check_repeated(self, frame, length);
    return true;
}

static bool is_null(const yaml_event_t *event)
{
    const char *text = (const char *)event->data.scalar.value;
    if (event->data.scalar.style != YAML_PLAIN_SCALAR_STYLE) return false;
    return *text == '\0' || strcmp(text, "~") == 0 || strcmp(text, "null") == 0;
}

static bool take_scalar(struct reader *self, const yaml_event_t *event, struct mark mark)
{
    const char *text = (const char *)event->data.scalar.value;
    size_t length = event->data.scalar.length;
    if (length > 0 && memchr(text, '\0', length))
        return complain(self, mark, "a NUL character is not allowed in a text");
    /* libyaml takes [-] for a list of one text, which block style could not write. */
    bool plain = event->data.scalar.style == YAML_PLAIN_SCALAR_STYLE;
    if (plain && !is_null(event) && !document_plain_text(text))
        return complain(self, mark, "this text needs quotes");
    struct node *made = node_new(self->document, is_null(event) ? NODE_NULL : NODE_SCALAR, mark);
    char *copy = memory_copy(self->document->memory, text, length);
    if (!made || !copy) return complain(self, mark, "not enough memory");
    made->text = copy;
    made->quoted = !plain;
    attach(self, made);
    return true;
}

static bool open_collection(struct reader *self, const yaml_event_t *event, struct mark mark)
{
    if (self->depth + self->depth_around >= DOCUMENT_MAX_DEPTH)
        return complain(self, mark, "nested more than 32 deep");
    enum node_kind kind = event->type == YAML_MAPPING_START_EVENT ? NODE_MAP : NODE_LIST;
    struct node *made = node_new(self->document, kind, mark);
    if (!made) return complain(self, mark, "not enough memory");
    attach(self, made);
    self->frame[self->depth++] = (struct frame){.node = made};
    return true;
}

/* Anchors would let a small file become a tree of gigabytes; tags would change what a value is. */
static bool has_no_properties(struct reader *self, const yaml_event_t *event, struct mark mark)
{
    const unsigned char *anchor = NULL, *tag = NULL;
    if (event->type == YAML_SCALAR_EVENT) {
        anchor = event->data.scalar.anchor;
        tag = event->data.scalar.tag;
    } else if (event->type == YAML_SEQUENCE_START_EVENT) {
        anchor = event->data.sequence_start.anchor;
        tag = event->data.sequence_start.tag;
    } else {
        anchor = event->data.mapping_start.anchor;
        tag = event->data.mapping_start.tag;
    }
    if (anchor)
        return complain(self, mark, "anchors (&name) are refused; put text that starts with '&' in quotes");
    if (tag) return complain(self, mark, "tags (!name) are refused; put text that starts with '!' in quotes");
    return true;
}

static bool take_node(struct reader *self, const yaml_event_t *event, struct mark mark)
{
    if (!has_no_properties(self, event, mark)) return false;
    if (++self->nodes > DOCUMENT_MAX_NODES)
        return complain(self, mark, "more than 200,000 values in one file");
    struct frame *frame = self->depth > 0 ? &self->frame[self->depth - 1] : NULL;
    if (frame && frame->node->kind == NODE_MAP && !frame->key) {
        self->nodes--;
        return take_key(self, event, mark);
    }
    return event->type == YAML_SCALAR_EVENT ? take_scalar(self, event, mark)
                                            : open_collection(self, event, mark);
}

/* False when reading must stop: after a problem, or at the end. */
static bool take_event(struct reader *self, const yaml_event_t *event)
{
    struct mark mark = mark_of(self, event->start_mark);
    switch (event->type) {
    case YAML_STREAM_END_EVENT:
        return false;
    case YAML_DOCUMENT_START_EVENT:
        if (self->documents++ > 0)
            return complain(self, mark, "a second document starts here; a file holds one");
        return true;
    case YAML_ALIAS_EVENT:
        return complain(self, mark, "aliases (*name) are refused; put text that starts with '*' in quotes");
    case YAML_SCALAR_EVENT:
    case YAML_SEQUENCE_START_EVENT:
    case YAML_MAPPING_START_EVENT:
        return take_node(self, event, mark);
    case YAML_SEQUENCE_END_EVENT:
    case YAML_MAPPING_END_EVENT:
        self->depth--;
        return true;
    default:
        return true;
    }
}

static void read_events(struct reader *self)
{
    yaml_parser_t parser;
    if (!yaml_parser_initialize(&parser)) {
        complain(self, (struct mark){.file = self->file}, "not enough memory");
        return;
    }
    yaml_parser_set_encoding(&parser, YAML_UTF8_ENCODING);
    yaml_parser_set_input_string(&parser, (const unsigned char *)self->text, self->length);
    for (bool more = true; more;) {
        yaml_event_t event;
        if (!yaml_parser_parse(&parser, &event)) {
            syntax_error(self, &parser);
            break;
        }
        more = take_event(self, &event);
        yaml_event_delete(&event);
    }
    yaml_parser_delete(&parser);
}

/* The tree of a text; NULL when it holds none. `ok` tells whether there were problems. */
static struct node *read_tree(struct reader *self)
{
    self->ok =
        document_bytes_check(self->document->problems, self->file, self->prefix, self->text, self->length);
    if (self->ok) read_events(self);
    if (self->document->memory->failed)
        complain(self, (struct mark){.file = self->file}, "not enough memory");
    return self->ok ? self->root : NULL;
}

static struct node *read_map(struct document *self, const char *name, const char *text, size_t length)
{
    static const char byte_order_mark[] = "\xEF\xBB\xBF";
    if (length >= 3 && memcmp(text, byte_order_mark, 3) == 0) {
        text += 3;
        length -= 3;
    }
    int file = problems_file(self->problems, name, text, length);
    struct reader reader = {.document = self, .text = text, .length = length, .file = file, .prefix = ""};
    struct node *root = read_tree(&reader);
    if (!reader.ok) return NULL;
    if (root && root->kind == NODE_MAP) return root;
    if (!root || root->kind == NODE_NULL)
        problems_add(self->problems, (struct mark){.file = file}, "is empty");
    else
        problems_add(self->problems, root->mark, "a scenario is a map of 'key: value' lines, not a %s",
                     root->kind == NODE_LIST ? "list" : "single value");
    return NULL;
}

struct node *document_read_map(struct document *self, const char *path)
{
    size_t length;
    char *bytes = document_bytes(self->problems, path, &length);
    struct node *root = bytes ? read_map(self, path, bytes, length) : NULL;
    free(bytes);
    return root;
}

struct node *document_read_value(struct document *self, const char *prefix, const char *text, int depth)
{
    struct reader reader = {.document = self,
                            .text = text,
                            .length = strlen(text),
                            .file = MARK_SETTING,
                            .prefix = prefix,
                            .depth_around = depth};
    struct node *value = read_tree(&reader);
    if (!reader.ok) return NULL;
    return value ? value : node_new(self, NODE_NULL, (struct mark){.file = MARK_SETTING});
}

bool document_read(struct document *self, struct problems *problems, const char *path)
{
    if (document_start(self, problems)) self->root = document_read_map(self, path);
    return self->root != NULL;
}

bool document_read_text(struct document *self, struct problems *problems, const char *name, const char *text,
                        size_t length)
{
    if (document_start(self, problems)) self->root = read_map(self, name, text, length);
    return self->root != NULL;
}
