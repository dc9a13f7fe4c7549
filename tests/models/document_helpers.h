/* What the tests of documents share: reading a text, and the messages as one text. */
#ifndef CORRIDOR_TESTS_DOCUMENT_HELPERS_H
#define CORRIDOR_TESTS_DOCUMENT_HELPERS_H

#include "models/document.h"

#include <stdlib.h>
#include <string.h>

/* What problems_print writes; the caller frees it. */
static inline char *messages(struct problems *problems)
{
    char *text = NULL;
    size_t length;
    FILE *stream = open_memstream(&text, &length);
    problems_print(problems, stream);
    fclose(stream);
    return text;
}

/* Fails unless exactly `count` problems were found and the printed text holds `words`; frees the problems. */
static inline void assert_problems(struct problems *problems, size_t count, const char *words)
{
    char *text = messages(problems);
    if (problems->count != count || !strstr(text, words))
        fail_msg("expected %zu problem(s) with '%s', got %zu:\n%.2000s", count, words, problems->count, text);
    free(text);
    problems_free(problems);
}

static inline void assert_no_problems(struct problems *problems)
{
    char *text = messages(problems);
    if (problems->count > 0) fail_msg("unexpected: %.2000s", text);
    free(text);
}

static inline void assert_text_at(const struct node *root, const char *path, const char *expected)
{
    const struct node *node = node_find(root, path);
    if (!node) fail_msg("%s is missing", path);
    assert_string_equal(node->text, expected);
}

#endif
