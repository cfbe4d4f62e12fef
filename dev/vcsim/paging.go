package main

import (
	"sync"

	"github.com/google/uuid"
	"github.com/vmware/govmomi/simulator"
	"github.com/vmware/govmomi/vim25/methods"
	"github.com/vmware/govmomi/vim25/soap"
	"github.com/vmware/govmomi/vim25/types"
)

// pageRetrievals replaces the property collector. The simulator looks methods up by name on the registered object, so
// a type that embeds its own and adds methods is enough; and it copies the type of that object for each session.
func pageRetrievals(content types.ServiceContent) {
	collector := &pagingCollector{}
	collector.Self = content.PropertyCollector
	simulator.Map.Put(collector)
}

// pagingCollector honours maxObjects, which the simulator ignores: it has no ContinueRetrievePropertiesEx at all.
// The embedded type must come first, because property reads take the first field for the managed object.
type pagingCollector struct {
	simulator.PropertyCollector

	lock    sync.Mutex
	waiting map[string]pages // By token.
}

// pages is what a client has not fetched yet.
type pages struct {
	objects []types.ObjectContent
	size    int
}

// cut takes the first page off, and keeps the others under a token.
func (c *pagingCollector) cut(p pages) types.RetrieveResult {
	if p.size <= 0 || len(p.objects) <= p.size {
		return types.RetrieveResult{Objects: p.objects}
	}
	token := uuid.NewString()
	c.lock.Lock()
	defer c.lock.Unlock()
	if c.waiting == nil { // The simulator makes these by reflection, so there is no constructor.
		c.waiting = map[string]pages{}
	}
	c.waiting[token] = pages{p.objects[p.size:], p.size}
	return types.RetrieveResult{Token: token, Objects: p.objects[:p.size]}
}

func (c *pagingCollector) take(token string) (pages, bool) {
	c.lock.Lock()
	defer c.lock.Unlock()
	p, ok := c.waiting[token]
	delete(c.waiting, token)
	return p, ok
}

// RetrievePropertiesEx collects everything as the simulator does, and answers with the first page.
func (c *pagingCollector) RetrievePropertiesEx(ctx *simulator.Context, req *types.RetrievePropertiesEx) soap.HasFault {
	if req.Options.MaxObjects < 0 {
		return &methods.RetrievePropertiesExBody{Fault_: invalid("options.maxObjects")}
	}
	answer := c.PropertyCollector.RetrievePropertiesEx(ctx, req)
	if body, ok := answer.(*methods.RetrievePropertiesExBody); ok && body.Res != nil && body.Res.Returnval != nil {
		page := c.cut(pages{body.Res.Returnval.Objects, int(req.Options.MaxObjects)})
		body.Res.Returnval = &page
	}
	return answer
}

// ContinueRetrievePropertiesEx serves each token once.
func (c *pagingCollector) ContinueRetrievePropertiesEx(req *types.ContinueRetrievePropertiesEx) soap.HasFault {
	p, ok := c.take(req.Token)
	if !ok {
		return &methods.ContinueRetrievePropertiesExBody{Fault_: invalid("token")}
	}
	return &methods.ContinueRetrievePropertiesExBody{
		Res: &types.ContinueRetrievePropertiesExResponse{Returnval: c.cut(p)},
	}
}

// CancelRetrievePropertiesEx forgets the pages of a token.
func (c *pagingCollector) CancelRetrievePropertiesEx(req *types.CancelRetrievePropertiesEx) soap.HasFault {
	if _, ok := c.take(req.Token); !ok {
		return &methods.CancelRetrievePropertiesExBody{Fault_: invalid("token")}
	}
	return &methods.CancelRetrievePropertiesExBody{Res: &types.CancelRetrievePropertiesExResponse{}}
}

// CreatePropertyCollector makes collectors that page as well.
func (c *pagingCollector) CreatePropertyCollector(ctx *simulator.Context, _ *types.CreatePropertyCollector) soap.HasFault {
	own := &pagingCollector{}
	own.Self.Type = "PropertyCollector" // Otherwise taken from the name of our type.
	return &methods.CreatePropertyCollectorBody{
		Res: &types.CreatePropertyCollectorResponse{Returnval: ctx.Session.Put(own).Reference()},
	}
}

func invalid(property string) *soap.Fault {
	return simulator.Fault("A specified parameter was not correct: "+property, &types.InvalidArgument{InvalidProperty: property})
}
