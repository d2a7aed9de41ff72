// Drives a Troupe cluster over NATS in Go: `drive objects`, `drive watch`, `drive feed` or `drive controller INSTANCE`.
//
// NATS_FILE names the cluster's nats.json. docs/nats.md describes the messages.
package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"strconv"
	"time"

	"github.com/nats-io/nats.go"
)

type object struct {
	APIVersion string            `json:"apiVersion,omitempty"`
	Kind       string            `json:"kind,omitempty"`
	Metadata   metadata          `json:"metadata"`
	Data       map[string]string `json:"data,omitempty"`
}

type metadata struct {
	Name            string            `json:"name,omitempty"`
	Namespace       string            `json:"namespace,omitempty"`
	Labels          map[string]string `json:"labels,omitempty"`
	ResourceVersion string            `json:"resourceVersion,omitempty"`
}

type request map[string]any

type answer struct {
	Status int             `json:"status"`
	Body   json.RawMessage `json:"body"`
}

type status struct {
	Reason  string `json:"reason"`
	Message string `json:"message"`
}

type cluster struct {
	nc            *nats.Conn
	name, token   string
	fence         string // of the controller's registration; goes with its writes
	authorization nats.Header
}

func main() {
	if len(os.Args) < 2 {
		fail(errors.New("say objects, watch, feed or controller INSTANCE"))
	}
	c := connect()
	defer c.nc.Close()
	switch os.Args[1] {
	case "objects":
		objects(c)
	case "watch":
		watch(c)
	case "feed":
		feed(c)
	case "controller":
		controller(c, os.Args[2])
	}
}

func fail(err error) {
	fmt.Fprintln(os.Stderr, err)
	os.Exit(1)
}

func must[T any](value T, err error) T {
	if err != nil {
		fail(err)
	}
	return value
}

func connect() *cluster {
	var access struct {
		Servers            []string
		Cluster, Token, CA string
	}
	if err := json.Unmarshal(must(os.ReadFile(os.Getenv("NATS_FILE"))), &access); err != nil {
		fail(err)
	}
	options := []nats.Option{nats.Token(access.Token), nats.MaxReconnects(-1)}
	if access.CA != "" { // Between machines the servers use TLS.
		file := must(os.CreateTemp("", "ca"))
		defer os.Remove(file.Name())
		must(file.WriteString(access.CA))
		options = append(options, nats.RootCAs(file.Name()))
	}
	nc := must(nats.Connect(access.Servers[0], options...))
	return &cluster{nc: nc, name: access.Cluster, token: access.Token}
}

func (c *cluster) subject(name string) string { return "troupe." + c.name + "." + name }

// message makes a request to a subject, with the token and, for a controller, with its fence.
func (c *cluster) message(subject, reply string, body any) *nats.Msg {
	m := &nats.Msg{Subject: c.subject(subject), Reply: reply, Header: nats.Header{}, Data: must(json.Marshal(body))}
	m.Header.Set("Authorization", "Bearer "+c.token)
	if c.fence != "" {
		m.Header.Set("Troupe-Epoch", c.fence)
	}
	return m
}

// next waits for one whole message: a large one comes in pieces, the first of which says how many they are.
func next(sub *nats.Subscription, timeout time.Duration) (*nats.Msg, error) {
	first, err := sub.NextMsg(timeout)
	if err != nil {
		return nil, err
	}
	if len(first.Data) == 0 && first.Header.Get("Status") == "503" {
		return nil, nats.ErrNoResponders
	}
	pieces, _ := strconv.Atoi(first.Header.Get("Troupe-Chunks"))
	for n := 1; n < pieces; n++ {
		piece, err := sub.NextMsg(timeout)
		if err != nil {
			return nil, err
		}
		if piece.Header.Get("Troupe-Chunk") != strconv.Itoa(n) {
			return nil, fmt.Errorf("piece %d is missing", n)
		}
		first.Data = append(first.Data, piece.Data...)
	}
	return first, nil
}

// ask sends one request to the API and decodes the body of its answer into `into`.
func (c *cluster) ask(r request, into any) (int, error) {
	inbox := c.nc.NewInbox()
	sub, err := c.nc.SubscribeSync(inbox)
	if err != nil {
		return 0, err
	}
	defer sub.Unsubscribe()
	if err := c.nc.PublishMsg(c.message("api", inbox, r)); err != nil {
		return 0, err
	}
	reply, err := next(sub, 10*time.Second)
	if err != nil {
		return 0, err
	}
	var a answer
	if err := json.Unmarshal(reply.Data, &a); err != nil {
		return 0, err
	}
	if a.Status >= 400 {
		var why status
		_ = json.Unmarshal(a.Body, &why)
		return a.Status, errors.New(why.Reason)
	}
	if into == nil {
		return a.Status, nil
	}
	return a.Status, json.Unmarshal(a.Body, into)
}

func maps(verb, namespace, name string) request {
	r := request{"verb": verb, "group": "", "version": "v1", "resource": "configmaps", "namespace": namespace}
	if name != "" {
		r["name"] = name
	}
	return r
}

func with(r request, field string, value any) request {
	r[field] = value
	return r
}

func configMap(name string, data map[string]string) object {
	return object{"v1", "ConfigMap", metadata{Name: name, Labels: map[string]string{"from": "go"}}, data}
}

func objects(c *cluster) {
	fmt.Println("created", must(c.ask(with(maps("create", "default", ""), "body", configMap("from-go", map[string]string{"colour": "blue"})), nil)))
	var got object
	must(c.ask(maps("get", "default", "from-go"), &got))
	fmt.Println("got", got.Data["colour"])
	patch := with(maps("patch", "default", "from-go"), "contentType", "application/merge-patch+json")
	must(c.ask(with(patch, "body", request{"data": request{"colour": "red"}}), &got))
	fmt.Println("patched", got.Data["colour"])
	var list struct{ Items []object }
	must(c.ask(maps("list", "default", ""), &list))
	for _, item := range list.Items {
		if item.Metadata.Labels["from"] == "go" {
			fmt.Println("listed", item.Metadata.Name)
		}
	}
	code, err := c.ask(maps("get", "default", "nobody"), nil)
	fmt.Println("refused", code, err)
	fmt.Println("deleted", must(c.ask(maps("delete", "default", "from-go"), nil)))
}

type frame struct {
	Seq    int  `json:"seq"`
	Status int  `json:"status"`
	End    bool `json:"end"`
	Event  *struct {
		Type   string          `json:"type"`
		Object json.RawMessage `json:"object"`
	} `json:"event"`
}

// watch prints the changes of ConfigMaps labelled watched=go until one named last is deleted. What was lost, by a gap
// or by silence, it gets by watching again from the last version that it has seen.
func watch(c *cluster) {
	version := ""
	for {
		done, err := watchOnce(c, &version)
		if done {
			return
		}
		fmt.Fprintln(os.Stderr, "watching again:", err)
		time.Sleep(100 * time.Millisecond)
	}
}

func watchOnce(c *cluster, version *string) (bool, error) {
	inbox := c.nc.NewInbox()
	sub := must(c.nc.SubscribeSync(inbox))
	defer sub.Unsubscribe()
	query := request{"labelSelector": "watched=go", "resourceVersion": *version, "allowWatchBookmarks": "true"}
	open := c.message("api", inbox, with(maps("watch", "default", ""), "query", query))
	open.Header.Set("Troupe-Window", "8") // At most 8 messages without an acknowledgement.
	if err := c.nc.PublishMsg(open); err != nil {
		return false, err
	}
	for expected := 1; ; expected++ {
		m, err := next(sub, 25*time.Second) // A heartbeat comes every 10 s.
		if err != nil {
			return false, err
		}
		var f frame
		if err := json.Unmarshal(m.Data, &f); err != nil {
			return false, err
		}
		if f.Seq == 0 && f.Status == 410 {
			*version = "" // Too old: everything once more.
		}
		if f.Seq != expected || f.End {
			return false, fmt.Errorf("ended at message %d: %s", expected, m.Data)
		}
		done, err := taken(f, version)
		if err != nil {
			return false, err
		}
		reply := request{"acknowledged": f.Seq}
		if done {
			reply = request{"close": true}
		}
		if err := c.nc.Publish(m.Reply, must(json.Marshal(reply))); err != nil || done {
			c.nc.Flush()
			return done, err
		}
	}
}

// taken prints one message of the stream; true: it is the last that matters.
func taken(f frame, version *string) (bool, error) {
	if f.Event == nil {
		if f.Status == 200 {
			fmt.Println("watching")
		} else {
			fmt.Println("heartbeat")
		}
		return false, nil
	}
	if f.Event.Type == "ERROR" {
		var why status
		_ = json.Unmarshal(f.Event.Object, &why)
		if why.Reason == "Expired" {
			*version = ""
		}
		return false, errors.New(why.Message)
	}
	var seen object
	if err := json.Unmarshal(f.Event.Object, &seen); err != nil {
		return false, err
	}
	*version = seen.Metadata.ResourceVersion
	if f.Event.Type != "BOOKMARK" {
		fmt.Println(f.Event.Type, seen.Metadata.Name)
	}
	return f.Event.Type == "DELETED" && seen.Metadata.Name == "last", nil
}

// feed prints the change feed of ConfigMaps until one named feed-go is deleted.
func feed(c *cluster) {
	sub := must(c.nc.SubscribeSync(c.subject("events.core.configmaps.default.>")))
	c.nc.Flush()
	fmt.Println("listening")
	for {
		m := must(next(sub, time.Minute))
		var change struct {
			Type   string
			Object object
		}
		if err := json.Unmarshal(m.Data, &change); err != nil {
			fail(err)
		}
		if change.Object.Metadata.Name != "feed-go" {
			continue
		}
		fmt.Println(change.Type, change.Object.Metadata.Name)
		if change.Type == "DELETED" {
			return
		}
	}
}
