/* HDF5 with its errors turned into values. */
#include "sim/results_internal.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void results_quiet_begin(struct results_quiet *quiet)
{
    H5Eget_auto2(H5E_DEFAULT, &quiet->function, &quiet->data);
    H5Eset_auto2(H5E_DEFAULT, NULL, NULL);
}

void results_quiet_end(const struct results_quiet *quiet)
{
    H5Eset_auto2(H5E_DEFAULT, quiet->function, quiet->data);
}

/* HDF5's innermost entry says most. */
static herr_t find_reason(unsigned depth, const H5E_error2_t *entry, void *data)
{
    struct results_file *file = data;
    if (depth == 0 && entry->desc) snprintf(file->reason, sizeof file->reason, "%s", entry->desc);
    return 0;
}

static void fail(struct results_file *file)
{
    if (file->failed) return;
    file->failed = true;
    strcpy(file->reason, "HDF5 gives no reason");
    H5Ewalk2(H5E_DEFAULT, H5E_WALK_UPWARD, find_reason, file);
}

/* What the disk says goes before what HDF5 makes of it. */
static void fail_with_errno(struct results_file *file, int reason)
{
    file->failed = true;
    snprintf(file->reason, sizeof file->reason, "%s", strerror(reason));
}

hid_t results_file_id(struct results_file *file, hid_t id)
{
    if (id < 0) fail(file);
    return id;
}

void results_file_check(struct results_file *file, herr_t status)
{
    if (status < 0) fail(file);
}

static void close_object(struct results_file *file, hid_t id)
{
    if (id > 0) results_file_check(file, H5Oclose(id));
}

void results_file_write_number(struct results_file *file, hid_t object, const char *name, hid_t stored_type,
                               hid_t memory_type, const void *value)
{
    hid_t space = results_file_id(file, H5Screate(H5S_SCALAR));
    hid_t attribute =
        results_file_id(file, H5Acreate2(object, name, stored_type, space, H5P_DEFAULT, H5P_DEFAULT));
    results_file_check(file, H5Awrite(attribute, memory_type, value));
    if (attribute >= 0) H5Aclose(attribute);
    if (space >= 0) H5Sclose(space);
}

void results_file_write_text(struct results_file *file, hid_t object, const char *name, const char *text)
{
    if (text) results_file_write_number(file, object, name, file->text_type, file->text_type, &text);
}

bool results_file_is_good(struct results_file *file)
{
    if (file->output.reason != 0) fail_with_errno(file, file->output.reason);
    return !file->failed;
}

bool results_file_close(struct results_file *file)
{
    for (size_t i = 0; file->datasets && i < file->dataset_count; i++) close_object(file, file->datasets[i]);
    for (size_t i = 0; file->columns && i < file->column_count; i++) close_object(file, file->columns[i]);
    for (size_t i = 0; file->scales && i < file->scale_count; i++) close_object(file, file->scales[i]);
    close_object(file, file->complete);
    if (file->text_type > 0) results_file_check(file, H5Tclose(file->text_type));
    if (file->id > 0) results_file_check(file, H5Fclose(file->id));
    free(file->datasets);
    free(file->columns);
    free(file->scales);
    file->datasets = file->columns = file->scales = NULL;
    file->id = file->complete = file->text_type = 0;
    int reason = results_output_close(&file->output);
    if (reason != 0) fail_with_errno(file, reason);
    return !file->failed;
}
