package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/nats-io/nats.go"
)

const heartbeatMs = 500

type registration struct {
	Epoch int    `json:"epoch"`
	Fence string `json:"fence"`
}

// controller keeps for every ConfigMap with the label copy=yes a copy named <name>-copy. It runs until it is killed.
// Two goroutines never meet here: between heartbeats the one loop answers what it is asked.
func controller(c *cluster, instance string) {
	inbox := c.nc.NewInbox()
	asked := must(c.nc.SubscribeSync(inbox))
	control, epoch := register(c, instance, inbox)
	for {
		if message, err := next(asked, heartbeatMs*time.Millisecond); err == nil {
			answerReconcile(c, message, instance, epoch)
		}
		if _, err := c.nc.Request(control, []byte(`{"type":"heartbeat"}`), 2*time.Second); err != nil {
			control, epoch = register(c, instance, inbox) // Nobody answers for this registration any more.
		}
	}
}

func register(c *cluster, instance, inbox string) (string, int) {
	ask := request{
		"type": "register", "name": "copier", "instance": instance, "inbox": inbox,
		"heartbeatMs": heartbeatMs, "reconcileMs": 5000,
		"resources": []request{{"group": "", "resource": "configmaps", "namespace": "default"}},
	}
	reply := must(c.nc.RequestMsg(c.message("participants", "", ask), 10*time.Second))
	var a answer
	if err := json.Unmarshal(reply.Data, &a); err != nil {
		fail(err)
	}
	if a.Status != 201 {
		fail(fmt.Errorf("not registered: %s", a.Body))
	}
	var registered registration
	if err := json.Unmarshal(a.Body, &registered); err != nil {
		fail(err)
	}
	c.fence = registered.Fence
	fmt.Println("registered", instance)
	return reply.Reply, registered.Epoch
}

func answerReconcile(c *cluster, message *nats.Msg, instance string, epoch int) {
	var asked struct {
		Type, Namespace, Name string
		Epoch                 int
	}
	if json.Unmarshal(message.Data, &asked) != nil || asked.Type != "reconcile" || asked.Epoch < epoch {
		return // To stop means to register again, which the next heartbeat leads to.
	}
	said := request{"type": "done"}
	if err := reconcile(c, asked.Namespace, asked.Name, instance); err != nil {
		said = request{"type": "failed", "message": err.Error()}
	}
	_ = message.Respond(must(json.Marshal(said)))
}

// reconcile compares and writes; it never asks what happened, so a second call is harmless.
func reconcile(c *cluster, namespace, name, instance string) error {
	var found object
	code, err := c.ask(maps("get", namespace, name), &found)
	if code == 404 || (err == nil && found.Metadata.Labels["copy"] != "yes") {
		return nil
	}
	if err != nil {
		return err
	}
	data := map[string]string{"colour": found.Data["colour"], "by": instance}
	copied := must(json.Marshal(object{"v1", "ConfigMap", metadata{Name: name + "-copy"}, data}))
	apply := with(maps("patch", namespace, name+"-copy"), "contentType", "application/apply-patch+yaml")
	apply["query"] = request{"fieldManager": "copier", "force": "true"}
	if _, err := c.ask(with(apply, "body", string(copied)), nil); err != nil {
		fmt.Println("refused", name, instance)
		return errors.New("the copy was not written: " + err.Error())
	}
	fmt.Println("wrote", name, instance)
	return nil
}
