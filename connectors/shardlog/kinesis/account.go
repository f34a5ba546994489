package kinesis

import (
	"encoding/json"
	"errors"
	"maps"
	"slices"
	"sync"
	"time"

	"github.com/weirstream/weir/connectors/shardlog"
)

func accountActions() map[string]action {
	return map[string]action{
		"DescribeAccountSettings": {rate: 5, run: describeAccount},
		"UpdateAccountSettings":   {rate: 5, run: updateAccount, fields: []field{commitment()}},
		"GetResourcePolicy":       {rate: 5, run: getPolicy, fields: []field{resourceARNField()}},
		"PutResourcePolicy":       {rate: 5, run: putPolicy, fields: []field{resourceARNField(), text("Policy").req()}},
		"DeleteResourcePolicy":    {rate: 5, run: deletePolicy, fields: []field{resourceARNField()}},
		"TagResource":             {rate: 5, run: tagResource, fields: []field{tagsField().req(), taggedARNField()}},
		"UntagResource":           {rate: 5, run: untagResource, fields: []field{tagKeysField(), taggedARNField()}},
		"ListTagsForResource":     {rate: 5, run: listTagsForResource, fields: []field{taggedARNField()}},
	}
}

// accountSettings is what UpdateAccountSettings changes: a billing commitment, which costs nothing
// here and is kept while the server runs.
type accountSettings struct {
	mu        sync.Mutex
	enabled   bool
	startedAt time.Time
	endedAt   time.Time
}

func describeAccount(c *call) error {
	c.srv.account.mu.Lock()
	defer c.srv.account.mu.Unlock()
	c.writeAccount()
	return nil
}

func updateAccount(c *call) error {
	a := &c.srv.account
	on := get(c.in.Get("MinimumThroughputBillingCommitment"), "Status") == "ENABLED"
	a.mu.Lock()
	defer a.mu.Unlock()
	if on && !a.enabled {
		a.startedAt, a.endedAt = c.now(), time.Time{}
	}
	if !on && a.enabled {
		a.endedAt = c.now()
	}
	a.enabled = on
	c.writeAccount()
	return nil
}

// writeAccount writes the settings; the caller holds their lock.
func (c *call) writeAccount() {
	a, e := &c.srv.account, c.out
	e.BeginMap()
	e.Key("MinimumThroughputBillingCommitment")
	e.BeginMap()
	e.Key("Status")
	if a.enabled {
		e.String("ENABLED")
	} else {
		e.String("DISABLED")
	}
	if !a.startedAt.IsZero() {
		e.Key("StartedAt")
		e.Time(a.startedAt.UnixMilli())
	}
	if !a.endedAt.IsZero() {
		e.Key("EndedAt")
		e.Time(a.endedAt.UnixMilli())
	}
	e.EndMap()
	e.EndMap()
}

// resource finds what a ResourceARN names.
func (c *call) resource() (*shardlog.Stream, string, error) {
	a, ok := parseARN(get(&c.in, "ResourceARN"))
	if !ok {
		return nil, "", clientError(invalidArgument, "ResourceARN %s is not valid.", get(&c.in, "ResourceARN"))
	}
	st, err := c.find(a.stream)
	if err != nil || a.consumer == "" {
		return st, "", err
	}
	if _, err := st.Consumer(a.consumer); err != nil {
		return nil, "", c.noConsumer(a.consumer, a.stream)
	}
	return st, a.consumer, nil
}

func getPolicy(c *call) error {
	st, consumer, err := c.resource()
	if err != nil {
		return err
	}
	policy := st.Policy(consumer)
	if policy == "" {
		return clientError(resourceNotFound, "No resource policy found for resource %s.", get(&c.in, "ResourceARN"))
	}
	e := c.out
	e.BeginMap()
	e.Key("Policy")
	e.String(policy)
	e.EndMap()
	return nil
}

func putPolicy(c *call) error {
	st, consumer, err := c.resource()
	if err != nil {
		return err
	}
	policy := get(&c.in, "Policy")
	if !json.Valid([]byte(policy)) {
		return clientError(invalidArgument, "The policy is not a JSON document.")
	}
	return c.changed(st, st.SetPolicy(consumer, policy))
}

func deletePolicy(c *call) error {
	st, consumer, err := c.resource()
	if err != nil {
		return err
	}
	if st.Policy(consumer) == "" {
		return clientError(resourceNotFound, "No resource policy found for resource %s.", get(&c.in, "ResourceARN"))
	}
	return c.changed(st, st.SetPolicy(consumer, ""))
}

// tagged is a resource that has tags, by what changes them. remove comes after add.
type tagged struct {
	tags   map[string]string
	change func(add map[string]string, remove []string) error
}

// taggedResource finds what a ResourceARN names: a stream, a consumer or a channel.
func (c *call) taggedResource() (tagged, error) {
	if name := get(&c.in, "ResourceARN"); isChannelARN(name) {
		st, ch, err := c.findChannel(name)
		return tagged{ch.Tags, func(add map[string]string, remove []string) error { return st.TagChannel(ch.ID, add, remove) }}, err
	}
	st, consumer, err := c.resource()
	if err != nil {
		return tagged{}, err
	}
	if consumer == "" {
		return tagged{st.Tags(), func(add map[string]string, remove []string) error {
			if remove != nil {
				return c.changed(st, st.Untag(remove))
			}
			return c.changed(st, st.Tag(add))
		}}, nil
	}
	found, err := st.Consumer(consumer)
	if err != nil {
		return tagged{}, c.noConsumer(consumer, st.Name())
	}
	return tagged{found.Tags, func(add map[string]string, remove []string) error { return st.TagConsumer(consumer, add, remove) }}, nil
}

func tagResource(c *call) error {
	r, err := c.taggedResource()
	if err != nil {
		return err
	}
	tags, err := tagsOf(c.in.Get("Tags"))
	if err != nil {
		return err
	}
	if err := r.change(tags, nil); !errors.Is(err, shardlog.ErrLimit) {
		return err
	}
	return clientError(invalidArgument, "Failed to add tags to resource %s because a given resource cannot have more than 50 tags associated with it.", get(&c.in, "ResourceARN"))
}

func untagResource(c *call) error {
	r, err := c.taggedResource()
	if err != nil {
		return err
	}
	return r.change(nil, c.tagKeys())
}

func listTagsForResource(c *call) error {
	r, err := c.taggedResource()
	if err != nil {
		return err
	}
	e := c.out
	e.BeginMap()
	writeTags(e, r.tags, slices.Sorted(maps.Keys(r.tags)))
	e.EndMap()
	return nil
}
