/* Drives a Troupe cluster over NATS in C: `drive objects`, `drive watch`, `drive feed` or `drive controller INSTANCE`.
 *
 * NATS_FILE names the cluster's nats.json. docs/nats.md describes the messages. Built with -lnats -lcjson. */
#include <cjson/cJSON.h>
#include <nats/nats.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define HEARTBEAT_MS 500

static natsConnection *nc;
static char cluster_name[64], authorization[4096];
static char fence[256]; /* of the controller's registration; goes with its writes */

static void fail(const char *what, const char *why) {
  fprintf(stderr, "%s: %s\n", what, why);
  exit(1);
}

static void must(natsStatus s, const char *what) {
  if (s != NATS_OK) fail(what, natsStatus_GetText(s));
}

static const char *text(const cJSON *object, const char *field) {
  const char *value = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(object, field));
  return value ? value : "";
}

static int number(const cJSON *object, const char *field) {
  const cJSON *value = cJSON_GetObjectItemCaseSensitive(object, field);
  return cJSON_IsNumber(value) ? value->valueint : 0;
}

/* The field that a path of names leads to: at(pod, "metadata", "labels", NULL). */
static cJSON *at(const cJSON *object, ...) {
  va_list names;
  va_start(names, object);
  for (const char *name; object && (name = va_arg(names, const char *));)
    object = cJSON_GetObjectItemCaseSensitive(object, name);
  va_end(names);
  return (cJSON *)object;
}

static void connect_cluster(void) {
  static char json[65536];
  const char *path = getenv("NATS_FILE");
  FILE *file = fopen(path ? path : "nats.json", "r");
  if (!file) fail("NATS_FILE", "cannot be read");
  json[fread(json, 1, sizeof json - 1, file)] = '\0';
  fclose(file);
  cJSON *access = cJSON_Parse(json);
  if (!access) fail("NATS_FILE", "is not JSON");
  snprintf(cluster_name, sizeof cluster_name, "%s", text(access, "cluster"));
  snprintf(authorization, sizeof authorization, "Bearer %s", text(access, "token"));
  natsOptions *options;
  must(natsOptions_Create(&options), "options");
  must(natsOptions_SetURL(options, cJSON_GetStringValue(cJSON_GetArrayItem(at(access, "servers", NULL), 0))), "URL");
  must(natsOptions_SetToken(options, text(access, "token")), "token");
  must(natsOptions_SetMaxReconnect(options, -1), "reconnections");
  if (*text(access, "ca")) { /* Between machines the servers use TLS. */
    must(natsOptions_SetSecure(options, true), "TLS");
    must(natsOptions_SetCATrustedCertificates(options, text(access, "ca")), "authority");
  }
  must(natsConnection_Connect(&nc, options), "connect");
  natsOptions_Destroy(options);
  cJSON_Delete(access);
}

/* A request to a subject of the cluster, with the token and, for a controller, with its fence. Frees `body`. */
static natsMsg *message(const char *subject, const char *reply, cJSON *body) {
  char full[256], *json = cJSON_PrintUnformatted(body);
  snprintf(full, sizeof full, "troupe.%s.%s", cluster_name, subject);
  natsMsg *made;
  must(natsMsg_Create(&made, full, reply, json, (int)strlen(json)), "message");
  must(natsMsgHeader_Set(made, "Authorization", authorization), "header");
  if (*fence) must(natsMsgHeader_Set(made, "Troupe-Epoch", fence), "header");
  free(json);
  cJSON_Delete(body);
  return made;
}

static int header(natsMsg *message, const char *name) {
  const char *value;
  return natsMsgHeader_Get(message, name, &value) == NATS_OK ? atoi(value) : 0;
}

/* Waits for one whole message and parses it; a large one comes in pieces, the first of which says how many they are.
 * `*reply` becomes where to answer (to be freed). NULL: nothing came, nobody listens, or a piece is missing. */
static cJSON *next(natsSubscription *from, int timeout_ms, char **reply) {
  char *whole = NULL;
  size_t size = 0;
  cJSON *parsed = NULL;
  for (int n = 0, pieces = 1; n < pieces; n++) {
    natsMsg *piece;
    if (natsSubscription_NextMsg(&piece, from, timeout_ms) != NATS_OK) goto end;
    if (n == 0 && header(piece, "Troupe-Chunks") > 1) pieces = header(piece, "Troupe-Chunks");
    if (n == 0 && reply) *reply = natsMsg_GetReply(piece) ? strdup(natsMsg_GetReply(piece)) : NULL;
    bool expected = n == header(piece, "Troupe-Chunk") && !natsMsg_IsNoResponders(piece);
    size_t length = (size_t)natsMsg_GetDataLength(piece);
    char *grown = expected ? realloc(whole, size + length + 1) : NULL;
    if (grown) {
      memcpy((whole = grown) + size, natsMsg_GetData(piece), length);
      size += length;
    }
    natsMsg_Destroy(piece);
    if (!grown) goto end;
  }
  parsed = cJSON_ParseWithLength(whole, size);
end:
  free(whole);
  return parsed;
}

/* Sends one request and gives its answer, {status, body}. Frees `body`. */
static cJSON *ask_at(const char *subject, cJSON *body, char **reply) {
  natsInbox *inbox;
  natsSubscription *answers;
  must(natsInbox_Create(&inbox), "inbox");
  must(natsConnection_SubscribeSync(&answers, nc, inbox), "subscribe");
  natsMsg *request = message(subject, inbox, body);
  must(natsConnection_PublishMsg(nc, request), "publish");
  cJSON *answer = next(answers, 10000, reply);
  if (!answer) fail(subject, "no answer within 10 s");
  natsMsg_Destroy(request);
  natsSubscription_Destroy(answers);
  natsInbox_Destroy(inbox);
  return answer;
}

static cJSON *ask(cJSON *body) { return ask_at("api", body, NULL); }

static cJSON *maps(const char *verb, const char *namespace, const char *name) {
  cJSON *request = cJSON_CreateObject();
  cJSON_AddStringToObject(request, "verb", verb);
  cJSON_AddStringToObject(request, "group", "");
  cJSON_AddStringToObject(request, "version", "v1");
  cJSON_AddStringToObject(request, "resource", "configmaps");
  cJSON_AddStringToObject(request, "namespace", namespace);
  if (name) cJSON_AddStringToObject(request, "name", name);
  return request;
}

static cJSON *config_map(const char *name, const char *colour, const char *by) {
  cJSON *map = cJSON_CreateObject(), *metadata = cJSON_AddObjectToObject(map, "metadata");
  cJSON_AddStringToObject(map, "apiVersion", "v1");
  cJSON_AddStringToObject(map, "kind", "ConfigMap");
  cJSON_AddStringToObject(metadata, "name", name);
  if (!by) cJSON_AddStringToObject(cJSON_AddObjectToObject(metadata, "labels"), "from", "c");
  cJSON *data = cJSON_AddObjectToObject(map, "data");
  cJSON_AddStringToObject(data, "colour", colour);
  if (by) cJSON_AddStringToObject(data, "by", by);
  return map;
}

static void objects(void) {
  cJSON *request = maps("create", "default", NULL), *answer, *item;
  cJSON_AddItemToObject(request, "body", config_map("from-c", "blue", NULL));
  printf("created %d\n", number(answer = ask(request), "status"));
  cJSON_Delete(answer);

  answer = ask(maps("get", "default", "from-c"));
  printf("got %s\n", text(at(answer, "body", "data", NULL), "colour"));
  cJSON_Delete(answer);

  request = maps("patch", "default", "from-c");
  cJSON_AddStringToObject(request, "contentType", "application/merge-patch+json");
  cJSON_AddItemToObject(request, "body", cJSON_Parse("{\"data\":{\"colour\":\"red\"}}"));
  printf("patched %s\n", text(at(answer = ask(request), "body", "data", NULL), "colour"));
  cJSON_Delete(answer);

  answer = ask(maps("list", "default", NULL));
  cJSON_ArrayForEach(item, at(answer, "body", "items", NULL)) {
    const cJSON *metadata = at(item, "metadata", NULL);
    if (strcmp(text(at(metadata, "labels", NULL), "from"), "c") == 0) printf("listed %s\n", text(metadata, "name"));
  }
  cJSON_Delete(answer);

  answer = ask(maps("get", "default", "nobody"));
  printf("refused %d %s\n", number(answer, "status"), text(at(answer, "body", NULL), "reason"));
  cJSON_Delete(answer);
  printf("deleted %d\n", number(answer = ask(maps("delete", "default", "from-c")), "status"));
  cJSON_Delete(answer);
}

/* Prints one message of the stream, and keeps the version to go on from. True: it is the last that matters. */
static bool taken(const cJSON *frame, char *version, size_t size) {
  const cJSON *event = at(frame, "event", NULL), *metadata = at(event, "object", "metadata", NULL);
  const char *type = text(event, "type");
  if (!event) {
    puts(number(frame, "status") == 200 ? "watching" : "heartbeat");
    return false;
  }
  if (strcmp(type, "ERROR") == 0) { /* The stream ends; what it says decides where the next one begins. */
    if (strcmp(text(at(event, "object", NULL), "reason"), "Expired") == 0) *version = '\0';
    return false;
  }
  snprintf(version, size, "%s", text(metadata, "resourceVersion"));
  if (strcmp(type, "BOOKMARK") != 0) printf("%s %s\n", type, text(metadata, "name"));
  return strcmp(type, "DELETED") == 0 && strcmp(text(metadata, "name"), "last") == 0;
}

static void open_watch(const char *inbox, const char *version) {
  cJSON *request = maps("watch", "default", NULL), *query = cJSON_AddObjectToObject(request, "query");
  cJSON_AddStringToObject(query, "labelSelector", "watched=c");
  cJSON_AddStringToObject(query, "allowWatchBookmarks", "true");
  cJSON_AddStringToObject(query, "resourceVersion", version);
  natsMsg *open = message("api", inbox, request);
  must(natsMsgHeader_Set(open, "Troupe-Window", "8"), "header"); /* At most 8 messages without an acknowledgement. */
  must(natsConnection_PublishMsg(nc, open), "publish");
  natsMsg_Destroy(open);
}

/* True: the last change was seen. False: the stream was lost, by a gap, by silence or because it ended. */
static bool watch_once(natsSubscription *from, char *version, size_t size) {
  for (int expected = 1;; expected++) {
    char *control = NULL, reply[64];
    cJSON *frame = next(from, 25000, &control); /* A heartbeat comes every 10 s. */
    if (frame && number(frame, "seq") == 0 && number(frame, "status") == 410) *version = '\0'; /* Too old: all again. */
    bool good = frame && control && number(frame, "seq") == expected && !cJSON_IsTrue(at(frame, "end", NULL));
    bool done = good && taken(frame, version, size);
    if (good) {
      snprintf(reply, sizeof reply, done ? "{\"close\":true}" : "{\"acknowledged\":%d}", expected);
      natsConnection_PublishString(nc, control, reply);
    }
    cJSON_Delete(frame);
    free(control);
    if (done || !good) return done;
  }
}

/* Prints the changes of ConfigMaps labelled watched=c until one named last is deleted. What was lost it gets by watching
 * again from the last version that it has seen. */
static void watch(void) {
  char version[64] = "";
  for (bool done = false; !done;) {
    natsInbox *inbox;
    natsSubscription *from;
    must(natsInbox_Create(&inbox), "inbox");
    must(natsConnection_SubscribeSync(&from, nc, inbox), "subscribe");
    open_watch(inbox, version);
    done = watch_once(from, version, sizeof version);
    natsSubscription_Destroy(from);
    natsInbox_Destroy(inbox);
    if (!done) {
      fputs("watching again\n", stderr);
      nats_Sleep(100);
    }
  }
  natsConnection_Flush(nc);
}

/* Prints the change feed of ConfigMaps until one named feed-c is deleted. */
static void feed(void) {
  char subject[256];
  natsSubscription *changes;
  snprintf(subject, sizeof subject, "troupe.%s.events.core.configmaps.default.>", cluster_name);
  must(natsConnection_SubscribeSync(&changes, nc, subject), "subscribe");
  must(natsConnection_Flush(nc), "flush");
  puts("listening");
  for (bool done = false; !done;) {
    cJSON *change = next(changes, 60000, NULL);
    if (!change) fail("feed", "nothing for a minute");
    const char *name = text(at(change, "object", "metadata", NULL), "name");
    if (strcmp(name, "feed-c") == 0) {
      printf("%s %s\n", text(change, "type"), name);
      done = strcmp(text(change, "type"), "DELETED") == 0;
    }
    cJSON_Delete(change);
  }
  natsSubscription_Destroy(changes);
}

/* Compares and writes; it never asks what happened, so a second call is harmless. */
static cJSON *reconcile(const char *namespace, const char *name, const char *instance) {
  cJSON *answer = cJSON_CreateObject(), *found = ask(maps("get", namespace, name));
  const cJSON *map = at(found, "body", NULL);
  cJSON_AddStringToObject(answer, "type", "done");
  if (number(found, "status") == 200 && strcmp(text(at(map, "metadata", "labels", NULL), "copy"), "yes") == 0) {
    char copy[300];
    snprintf(copy, sizeof copy, "%s-copy", name);
    cJSON *body = config_map(copy, text(at(map, "data", NULL), "colour"), instance);
    cJSON *request = maps("patch", namespace, copy), *query = cJSON_AddObjectToObject(request, "query");
    char *applied = cJSON_PrintUnformatted(body);
    cJSON_AddStringToObject(query, "fieldManager", "copier");
    cJSON_AddStringToObject(query, "force", "true");
    cJSON_AddStringToObject(request, "contentType", "application/apply-patch+yaml");
    cJSON_AddStringToObject(request, "body", applied);
    cJSON *written = ask(request);
    bool refused = number(written, "status") >= 300;
    printf("%s %s %s\n", refused ? "refused" : "wrote", name, instance);
    if (refused) {
      cJSON_ReplaceItemInObject(answer, "type", cJSON_CreateString("failed"));
      cJSON_AddStringToObject(answer, "message", text(at(written, "body", NULL), "message"));
    }
    free(applied);
    cJSON_Delete(body);
    cJSON_Delete(written);
  }
  cJSON_Delete(found);
  return answer;
}

/* Registers and gives the control subject, to be freed. */
static char *registered(const char *instance, const char *inbox, int *epoch) {
  cJSON *request = cJSON_CreateObject(), *kind = cJSON_CreateObject();
  cJSON_AddStringToObject(request, "type", "register");
  cJSON_AddStringToObject(request, "name", "copier");
  cJSON_AddStringToObject(request, "instance", instance);
  cJSON_AddStringToObject(request, "inbox", inbox);
  cJSON_AddNumberToObject(request, "heartbeatMs", HEARTBEAT_MS);
  cJSON_AddNumberToObject(request, "reconcileMs", 5000);
  cJSON_AddStringToObject(kind, "group", "");
  cJSON_AddStringToObject(kind, "resource", "configmaps");
  cJSON_AddStringToObject(kind, "namespace", "default");
  cJSON_AddItemToArray(cJSON_AddArrayToObject(request, "resources"), kind);
  char *control = NULL;
  cJSON *answer = ask_at("participants", request, &control), *body = at(answer, "body", NULL);
  if (number(answer, "status") != 201 || !control) fail("not registered", text(body, "message"));
  *epoch = number(body, "epoch");
  snprintf(fence, sizeof fence, "%s", text(body, "fence"));
  printf("registered %s\n", instance);
  cJSON_Delete(answer);
  return control;
}

/* Keeps for every ConfigMap with the label copy=yes a copy named <name>-copy. Runs until it is killed: between heartbeats
 * the one loop answers what it is asked. */
static void controller(const char *instance) {
  natsInbox *inbox;
  natsSubscription *asked;
  int epoch;
  must(natsInbox_Create(&inbox), "inbox");
  must(natsConnection_SubscribeSync(&asked, nc, inbox), "subscribe");
  for (char *control = registered(instance, inbox, &epoch);;) {
    char *reply = NULL;
    cJSON *request = next(asked, HEARTBEAT_MS, &reply);
    /* To stop means to register again, which the next heartbeat leads to. */
    if (request && reply && strcmp(text(request, "type"), "reconcile") == 0 && number(request, "epoch") >= epoch) {
      cJSON *answer = reconcile(text(request, "namespace"), text(request, "name"), instance);
      char *json = cJSON_PrintUnformatted(answer);
      natsConnection_PublishString(nc, reply, json);
      free(json);
      cJSON_Delete(answer);
    }
    cJSON_Delete(request);
    free(reply);
    natsMsg *beat = NULL;
    if (natsConnection_RequestString(&beat, nc, control, "{\"type\":\"heartbeat\"}", 2000) != NATS_OK) {
      free(control); /* Nobody answers for this registration any more. */
      control = registered(instance, inbox, &epoch);
    }
    natsMsg_Destroy(beat);
  }
}

int main(int count, char **words) {
  const char *what = count > 1 ? words[1] : "";
  setvbuf(stdout, NULL, _IOLBF, 0);
  connect_cluster();
  if (strcmp(what, "objects") == 0) objects();
  else if (strcmp(what, "watch") == 0) watch();
  else if (strcmp(what, "feed") == 0) feed();
  else if (strcmp(what, "controller") == 0 && count > 2) controller(words[2]);
  else fail("drive", "say objects, watch, feed or controller INSTANCE");
  natsConnection_Destroy(nc);
  nats_Close();
  return 0;
}
