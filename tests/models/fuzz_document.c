/* Fuzzes the reader: no input may crash it, and what it reads must survive being written and read again.
 * Built and run by hand, in the project folder:
 *   clang -g -O1 -fsanitize=fuzzer,address,undefined -D_GNU_SOURCE -I. -o fuzz tests/models/fuzz_document.c
 *       models/{problems,document}{,_[a-z]*}.c models/node.c sim/time.c -lyaml
 *   ./fuzz -max_total_time=60 */
#include "models/document.h"

#include <stdlib.h>
#include <string.h>

static bool same_tree(const struct node *a, const struct node *b)
{
    if (a->kind != b->kind || a->count != b->count) return false;
    if (a->kind == NODE_SCALAR) return a->quoted == b->quoted && strcmp(a->text, b->text) == 0;
    for (size_t i = 0; i < a->count; i++) {
        if (a->kind == NODE_MAP && strcmp(a->key[i], b->key[i]) != 0) return false;
        if (a->kind == NODE_MAP && node_get(b, a->key[i]) != b->item[i]) return false;
        if (!same_tree(a->item[i], b->item[i])) return false;
    }
    return true;
}

static void read_values(const struct node *node)
{
    double number;
    int64_t whole;
    int32_t days;
    bool truth;
    if (node_whole(node, &whole) && !node_number(node, &number)) abort();
    node_date(node, &days);
    node_boolean(node, &truth);
    for (size_t i = 0; i < node->count; i++) read_values(node->item[i]);
}

static void print_all(struct problems *problems)
{
    char *text = NULL;
    size_t length;
    FILE *stream = open_memstream(&text, &length);
    problems_print(problems, stream);
    fclose(stream);
    free(text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct problems problems = {0};
    struct document first, second;
    bool ok = document_read_text(&first, &problems, "fuzz", (const char *)data, size);
    if (ok != (problems.count == 0) || ok != (first.root != NULL)) abort();
    if (ok) {
        read_values(first.root);
        node_find(first.root, "a.b.c");
        char *text = document_text(&first);
        if (!document_read_text(&second, &problems, "again", text, strlen(text)))
            print_all(&problems), abort();
        if (!same_tree(first.root, second.root)) abort();
        free(text);
        document_free(&second);
    }
    print_all(&problems);
    document_free(&first);
    problems_free(&problems);
    return 0;
}
