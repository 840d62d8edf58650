package programs

import (
	"encoding/json"
	"strconv"
	"time"

	"adamas.example/internal/fault"
	"adamas.example/internal/module"
	"adamas.example/internal/party/accesskey"
	"adamas.example/internal/web/api"
	"adamas.example/internal/web/hook"
)

// Webhook is an address that is told what happens.
type Webhook struct {
	ID     string       `json:"id"`
	Name   string       `json:"name"`
	URL    string       `json:"url"`
	Events []hook.Event `json:"events"`
	Made   time.Time    `json:"made"`
	Until  *time.Time   `json:"until,omitempty" doc:"when the access key runs out that has named it; then it ends"`
	Ended  *time.Time   `json:"ended,omitempty" doc:"since then it is told nothing"`
}

func webhookOf(h hook.Hook) Webhook {
	return Webhook{ID: h.ID, Name: h.Name, URL: h.URL, Events: h.Events, Made: h.Made, Until: orNil(h.Until), Ended: orNil(h.Ended)}
}

func orNil(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	return &t
}

// Secret is what the messages to an address are signed with.
type Secret struct {
	Secret string `json:"secret" example:"whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"`
}

// Delivered is one message to one address.
type Delivered struct {
	Number  int64           `json:"number" doc:"in order of making"`
	ID      string          `json:"id" doc:"webhook-id: the same for every try"`
	Event   string          `json:"event"`
	Message json.RawMessage `json:"message" doc:"the body"`
	Made    time.Time       `json:"made"`
	State   string          `json:"state" enum:"due,delivered,given_up"`
	Tries   int64           `json:"tries"`
	Next    *time.Time      `json:"next_try,omitempty" doc:"while it is due"`
	Last    *time.Time      `json:"last_try,omitempty"`
	Status  int64           `json:"status,omitempty" doc:"HTTP status of the last answer"`
	Error   hook.Failure    `json:"error,omitempty" enum:"closed_network,no_such_name,certificate_refused,no_answer_in_time,status,not_reached,ended" doc:"why the last try failed: the address is in a network that the operator has not opened, its name is not known, its certificate is not trusted, it did not answer in time, it answered with another status than 200 to 299, it was not reached; or the address was ended"`
}

func deliveredOf(d hook.Delivery) Delivered {
	out := Delivered{Number: d.Seq, ID: d.ID, Event: string(d.Event), Message: d.Body, Made: d.Made, State: d.State, Tries: d.Tries, Last: orNil(d.Last), Status: d.Status, Error: d.Failure}
	if d.State == "due" {
		out.Next = orNil(d.Next)
	}
	return out
}

// naming names an address.
type naming struct {
	Name   string       `json:"name" doc:"what people call the system behind it"`
	URL    string       `json:"url" doc:"whole, beginning with https://"`
	Events []hook.Event `json:"events" enum:"advice.received,certificate.issued,receipt.confirmed,receipt.received,shipment.disputed,shipment.sent_back,shipment.forfeited"`
}

// rights are those by which a program may read what an event tells of.
var rights = map[hook.Event]string{hook.AdviceReceived: "certificate.import", hook.ReceiptConfirmed: "certificate.import", hook.CertificateIssued: "certificate.work", hook.ReceiptReceived: "certificate.work",
	hook.ShipmentDisputed: "certificate.work", hook.ShipmentSentBack: "certificate.work", hook.ShipmentForfeited: "certificate.work"}

const tag = "Webhooks"

var paths = map[string]string{"id": "01980b3e-7a4c-7000-8000-000000000001|the address", "number": "1|of the message, or its id"}

// ears are the addresses that a program has named itself. It is told of no other's that it
// is there: an address may hold what another shall not know.
type ears struct{ told }

// Operations adds what programs can do with the addresses that they have told.
func Operations(n *module.Node, a *api.API) error {
	t, err := toldOf(n)
	if err != nil {
		return err
	}
	d := ears{t}
	read := func(id, path, summary, more string) api.Operation {
		return api.Operation{ID: id, Path: path, Paths: paths, Permission: listen, Tag: tag, Summary: summary, Description: more}
	}
	api.Read(a, read("listWebhooks", "/webhooks", "Addresses that this key has named, the newest first", ""), d.list)
	add := read("addWebhook", "/webhooks", "Have an address told what happens", "Messages are signed in the form of Standard Webhooks, with the secret that readWebhookSecret gives. They come at least once and in order, are sent again for three days, "+
		"name a record and hold nothing private. An event needs the right to read what it tells of. The address ends with the key; of a new key name it again.")
	add.Example = naming{Name: "SYNTHETIC single window", URL: "https://single-window.example/adamas", Events: []hook.Event{hook.CertificateIssued, hook.ReceiptReceived}}
	api.Act(a, add, d.add, d.one)
	api.Read(a, read("readWebhook", "/webhooks/{id}", "One address", ""), func(c *api.Call) (Webhook, error) { return d.one(c, c.Path("id")) })
	api.Read(a, read("readWebhookSecret", "/webhooks/{id}/secret", "The secret that its messages are signed with", "It is in no other answer and in no database. Keep it as a password is kept."), func(c *api.Call) (Secret, error) {
		h, err := d.of(c.Context(), c.Path("id"), c.Program.ID)
		return Secret{d.hooks.Secret(h.ID)}, err
	})
	api.Act(a, read("removeWebhook", "/webhooks/{id}/remove", "Have an address told nothing more", "What is due is given up."), func(c *api.Call, _ api.Nothing) (string, error) {
		return c.Path("id"), d.remove(c.Context(), accesskey.By{Address: c.Address()}, c.Path("id"), c.Program.ID)
	}, d.one)
	api.Act(a, read("testWebhook", "/webhooks/{id}/test", "Send a message that says nothing (webhook.test)", "It goes out with the next round, behind what is due. The answer names it; readDelivery says whether it was taken. While one is due there is no second (409)."), func(c *api.Call, _ api.Nothing) (string, error) {
		return d.try(c.Context(), c.Path("id"), c.Program.ID)
	}, d.delivery)
	deliveries := read("listDeliveries", "/webhooks/{id}/deliveries", "What an address was told, newest first, and what went wrong", "Kept for 90 days.")
	deliveries.Query = api.PageParams()
	api.Read(a, deliveries, d.deliveries)
	api.Read(a, read("readDelivery", "/webhooks/{id}/deliveries/{number}", "One message", ""), func(c *api.Call) (Delivered, error) { return d.delivery(c, c.Path("number")) })
	api.Act(a, read("deliverAgain", "/webhooks/{id}/deliveries/{number}/again", "Send a message once more that is over, or that failed and waits", ""), func(c *api.Call, _ api.Nothing) (string, error) {
		found, err := d.delivery(c, c.Path("number"))
		if err != nil {
			return "", err
		}
		return strconv.FormatInt(found.Number, 10), d.hooks.Again(c.Context(), c.Path("id"), found.Number)
	}, d.delivery)
	return nil
}

func (d ears) list(c *api.Call) (out api.Page[Webhook], err error) {
	all, err := d.hooks.List(c.Context())
	out.Items = []Webhook{}
	for _, h := range all {
		if h.Program == c.Program.ID {
			out.Items = append(out.Items, webhookOf(h))
		}
	}
	return out, err
}

func (d ears) one(c *api.Call, id string) (Webhook, error) {
	h, err := d.of(c.Context(), id, c.Program.ID)
	return webhookOf(h), err
}

func (d ears) add(c *api.Call, x naming) (string, error) {
	var faults fault.List
	for _, e := range x.Events {
		if right, known := rights[e]; known && !c.May(right) {
			faults.Add(fault.Forbidden("web.hook_right", fault.At("events"), fault.Text(string(e)), fault.Arg("permission", right)))
		}
	}
	if err := faults.Err(); err != nil {
		return "", err
	}
	h, err := d.told.add(c.Context(), accesskey.By{Address: c.Address()}, hook.Hook{Name: x.Name, URL: x.URL, Events: x.Events, Program: c.Program.ID, Until: c.Program.Until})
	return h.ID, err
}

func (d ears) delivery(c *api.Call, which string) (out Delivered, err error) {
	if _, err := d.of(c.Context(), c.Path("id"), c.Program.ID); err != nil {
		return out, err
	}
	found, err := d.hooks.Delivery(c.Context(), c.Path("id"), which)
	return deliveredOf(found), err
}

func (d ears) deliveries(c *api.Call) (out api.Page[Delivered], err error) {
	if _, err := d.of(c.Context(), c.Path("id"), c.Program.ID); err != nil {
		return out, err
	}
	limit, err := c.Limit()
	if err != nil {
		return out, err
	}
	var before int64
	if err := c.After(&before); err != nil {
		return out, err
	}
	found, err := d.hooks.Deliveries(c.Context(), c.Path("id"), before, limit+1)
	return api.Cut(found, limit, func(x hook.Delivery) any { return x.Seq }, deliveredOf), err
}
