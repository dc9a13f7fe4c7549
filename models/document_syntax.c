/* libyaml's messages in plain words. */
#include "models/document_internal.h"

#include <stdio.h>
#include <string.h>
#include <yaml.h>

static const struct {
    const char *libyaml; /* part of its message */
    const char *words;   /* %zu: the line where the construct began */
} syntax[] = {
    {"mapping values are not allowed",
     "a ':' is not expected here; check the indentation, or put text that holds ': ' in quotes"},
    {"did not find expected key",
     "the indentation does not fit the lines above, or a ',' or closing quote is missing"},
    {"did not find expected ',' or ']'", "the list that opens with '[' in line %zu needs ',' or ']' here"},
    {"did not find expected ',' or '}'", "the map that opens with '{' in line %zu needs ',' or '}' here"},
    {"did not find expected '-' indicator",
     "an item of the list that begins in line %zu should start here with '- '"},
    {"could not find expected ':'", "the line %zu has a key without ': ' behind it"},
    {"found unexpected end of stream", "the quote that opens in line %zu is never closed"},
    {"found unexpected document indicator", "the quote that opens in line %zu is never closed"},
    {"found unknown escape character", "unknown escape after '\\'; write '\\\\', or use single quotes"},
    {"did not find expected hexdecimal number",
     "a hexadecimal number is expected after '\\x', '\\u' or '\\U'"},
    {"found invalid Unicode character escape", "the escape names no character"},
    {"block sequence entries are not allowed",
     "a list item '- ' cannot start here; begin the list on a new line"},
    {"block mapping keys are not allowed", "a key '? ' cannot start here"},
    {"violates indentation", "tabs cannot indent; use spaces"},
    {"found a tab character", "tabs cannot indent; use spaces"},
    {"did not find expected <document start>", "text after the end of the document, or wrong indentation"},
    {"alphabetic or numeric character",
     "text that starts with '&' or '*' needs quotes (anchors and aliases are refused)"},
    {"while scanning an a",
     "text that starts with '&' or '*' needs quotes (anchors and aliases are refused)"},
    {"tag", "text that starts with '!' needs quotes (tags are refused)"},
    {"chomping indicator", "only a line end or '+', '-' and a digit may follow '|' or '>'"},
    {"comment or line break", "only a line end or '+', '-' and a digit may follow '|' or '>'"},
    {"indentation indicator", "'|' and '>' need an indentation from 1 to 9"},
    {"did not find expected node content", "a value is missing here"},
};

const char *document_syntax(const yaml_parser_t *parser, char after, char *words, size_t size)
{
    const char *problem = parser->problem ? parser->problem : "cannot be read";
    const char *context = parser->context ? parser->context : "";
    if (parser->error == YAML_MEMORY_ERROR) return "not enough memory";
    if (strstr(problem, "cannot start any token")) {
        if (after == '\t') return "tabs cannot indent; use spaces";
        snprintf(words, size, "a value cannot start with '%c'; put it in quotes", after);
        return words;
    }
    for (size_t i = 0; i < sizeof syntax / sizeof *syntax; i++) {
        if (!strstr(problem, syntax[i].libyaml) && !strstr(context, syntax[i].libyaml)) continue;
        const char *line = strstr(syntax[i].words, "%zu");
        if (!line) return syntax[i].words;
        snprintf(words, size, "%.*s%zu%s", (int)(line - syntax[i].words), syntax[i].words,
                 parser->context_mark.line + 1, line + 3);
        return words;
    }
    snprintf(words, size, "%s%s%s", problem, *context ? " " : "", context);
    return words;
}
