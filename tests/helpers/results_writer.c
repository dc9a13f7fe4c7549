/* Writes the study of results_study.h for tests in other languages: results_writer PATH REPLICATIONS
 * [TEXT_BYTES]. Replication 1 of scenario 0 fails, the last one of scenario 1 is missing. */
#include "tests/helpers/results_study.h"

int main(int argc, char **argv)
{
    if (argc < 3) return 2;
    size_t replications = strtoul(argv[2], NULL, 10), bytes = argc > 3 ? strtoul(argv[3], NULL, 10) : 0;
    char *text = malloc(bytes + 1);
    if (!text) return 1;
    for (size_t i = 0; i < bytes; i++) text[i] = (char)(i % 80 == 79 ? '\n' : 'a' + i % 26);
    text[bytes] = '\0';
    struct results_text texts[6];
    memcpy(texts, study_texts, sizeof study_texts);
    texts[4] = (struct results_text){"targets", -1, text};
    texts[5] = (struct results_text){"resolved", 1, text};
    struct results_layout layout = study_layout(replications, true);
    layout.texts = texts;
    layout.text_count = 6;
    struct results *results;
    struct error error;
    bool good = results_open(&results, argv[1], &layout, RESULTS_FORCE, &error);
    for (size_t s = 0; good && s < STUDY_SCENARIOS; s++)
        for (size_t r = 0; good && r < replications; r++) {
            if (s == 1 && r + 1 == replications) continue;
            good = s == 0 && r == 1
                       ? results_put(results, s, (struct results_range){r, 1}, NULL, true, NULL, 0, 0, &error)
                       : study_put(results, s, r, false, &error);
        }
    good = good && results_finish(results, &error);
    if (!good) fprintf(stderr, "%s\n", error.message);
    free(text);
    return good ? 0 : 1;
}
