package main

import (
	"sort"
	"strings"

	"github.com/vmware/govmomi/object"
	"github.com/vmware/govmomi/simulator"
	"github.com/vmware/govmomi/vim25/methods"
	"github.com/vmware/govmomi/vim25/mo"
	"github.com/vmware/govmomi/vim25/soap"
	"github.com/vmware/govmomi/vim25/types"
)

// checkPrivileges replaces the authorization manager, in the way pageRetrievals explains.
func checkPrivileges(content types.ServiceContent) {
	original := simulator.Map.Get(*content.AuthorizationManager).(*simulator.AuthorizationManager)
	manager := &authorization{*original}
	for _, id := range object.AuthorizationRoleList(manager.RoleList).ByName("Admin").Privilege {
		group, name, _ := cutLast(id, ".")
		manager.PrivilegeList = append(manager.PrivilegeList, types.AuthorizationPrivilege{
			PrivId: id, Name: name, PrivGroupName: group,
		})
	}
	simulator.Map.Put(manager)
}

// authorization answers questions about privileges. The simulator's own says yes to each. Calls are still never
// refused for want of a privilege; only the questions are answered truthfully.
//
// As in a vCenter, a permission on an object hides those the same user has further up. Unlike there, groups count for
// nothing (the simulator knows no members), and a user whom no permission names is an administrator: somebody must be
// able to set the first ones.
type authorization struct {
	simulator.AuthorizationManager
}

// privileges returns what the user may do on an object.
func (m *authorization) privileges(user string, entity types.ManagedObjectReference) map[string]bool {
	granted := map[string]bool{}
	grant := func(roleID int32) {
		if role := object.AuthorizationRoleList(m.RoleList).ById(roleID); role != nil {
			for _, id := range role.Privilege {
				granted[id] = true
			}
		}
	}
	named := false
	for _, p := range m.all() {
		named = named || names(p, user)
	}
	if !named {
		grant(object.AuthorizationRoleList(m.RoleList).ByName("Admin").RoleId)
		return granted
	}

	for here := true; ; here = false {
		found := false
		for _, p := range m.on(entity) {
			if names(p, user) && (here || p.Propagate) {
				found = true
				grant(p.RoleId)
			}
		}
		object, ok := simulator.Map.Get(entity).(mo.Entity)
		if found || !ok || object.Entity().Parent == nil {
			return granted
		}
		entity = *object.Entity().Parent
	}
}

func names(p types.Permission, user string) bool {
	return !p.Group && strings.EqualFold(p.Principal, user)
}

func (m *authorization) all() []types.Permission {
	body := m.RetrieveAllPermissions(&types.RetrieveAllPermissions{}).(*methods.RetrieveAllPermissionsBody)
	return body.Res.Returnval
}

func (m *authorization) on(entity types.ManagedObjectReference) []types.Permission {
	if _, ok := simulator.Map.Get(entity).(mo.Entity); !ok {
		return nil // The simulator panics on what is no inventory object.
	}
	body := m.RetrieveEntityPermissions(&types.RetrieveEntityPermissions{Entity: entity}).(*methods.RetrieveEntityPermissionsBody)
	return body.Res.Returnval
}

func (m *authorization) answers(user string, entities []types.ManagedObjectReference, ids []string) []types.EntityPrivilege {
	var answers []types.EntityPrivilege
	for _, entity := range entities {
		granted := m.privileges(user, entity)
		answer := types.EntityPrivilege{Entity: entity}
		for _, id := range ids {
			answer.PrivAvailability = append(answer.PrivAvailability, types.PrivilegeAvailability{
				PrivId: id, IsGranted: granted[id],
			})
		}
		answers = append(answers, answer)
	}
	return answers
}

// HasPrivilegeOnEntity answers for the session's user.
func (m *authorization) HasPrivilegeOnEntity(ctx *simulator.Context, req *types.HasPrivilegeOnEntity) soap.HasFault {
	granted := m.privileges(ctx.Session.UserName, req.Entity)
	answers := make([]bool, len(req.PrivId))
	for i, id := range req.PrivId {
		answers[i] = granted[id]
	}
	return &hasPrivilegeOnEntityBody{&HasPrivilegeOnEntityResponse{answers}}
}

// HasPrivilegeOnEntityResponse stands in for govmomi's, whose omitempty leaves out each false of the list. The encoder
// takes the name of the element from the name of the type.
type HasPrivilegeOnEntityResponse struct {
	Returnval []bool `xml:"returnval"`
}

type hasPrivilegeOnEntityBody struct {
	Res *HasPrivilegeOnEntityResponse
}

func (*hasPrivilegeOnEntityBody) Fault() *soap.Fault { return nil }

// HasPrivilegeOnEntities answers for the session's user.
func (m *authorization) HasPrivilegeOnEntities(ctx *simulator.Context, req *types.HasPrivilegeOnEntities) soap.HasFault {
	return &methods.HasPrivilegeOnEntitiesBody{Res: &types.HasPrivilegeOnEntitiesResponse{
		Returnval: m.answers(ctx.Session.UserName, req.Entity, req.PrivId),
	}}
}

// HasUserPrivilegeOnEntities answers for any user.
func (m *authorization) HasUserPrivilegeOnEntities(req *types.HasUserPrivilegeOnEntities) soap.HasFault {
	return &methods.HasUserPrivilegeOnEntitiesBody{Res: &types.HasUserPrivilegeOnEntitiesResponse{
		Returnval: m.answers(req.UserName, req.Entities, req.PrivId),
	}}
}

// FetchUserPrivilegeOnEntities lists what a user has.
func (m *authorization) FetchUserPrivilegeOnEntities(req *types.FetchUserPrivilegeOnEntities) soap.HasFault {
	var results []types.UserPrivilegeResult
	for _, entity := range req.Entities {
		result := types.UserPrivilegeResult{Entity: entity}
		for id := range m.privileges(req.UserName, entity) {
			result.Privileges = append(result.Privileges, id)
		}
		sort.Strings(result.Privileges)
		results = append(results, result)
	}
	return &methods.FetchUserPrivilegeOnEntitiesBody{Res: &types.FetchUserPrivilegeOnEntitiesResponse{Returnval: results}}
}

// SetEntityPermissions adds and replaces, as a vCenter does; the simulator drops the permissions of all other users.
func (m *authorization) SetEntityPermissions(req *types.SetEntityPermissions) soap.HasFault {
	merged := append([]types.Permission(nil), req.Permission...)
	for i := range merged {
		merged[i].Entity = &req.Entity
	}
	for _, old := range m.on(req.Entity) {
		replaced := false
		for _, p := range req.Permission {
			replaced = replaced || p.Group == old.Group && strings.EqualFold(p.Principal, old.Principal)
		}
		if !replaced {
			merged = append(merged, old)
		}
	}
	return m.AuthorizationManager.SetEntityPermissions(&types.SetEntityPermissions{
		This: req.This, Entity: req.Entity, Permission: merged,
	})
}

// AddAuthorizationRole answers with the id of the new role; the simulator always answers 0.
func (m *authorization) AddAuthorizationRole(req *types.AddAuthorizationRole) soap.HasFault {
	body := m.AuthorizationManager.AddAuthorizationRole(req).(*methods.AddAuthorizationRoleBody)
	if body.Res != nil {
		body.Res.Returnval = m.RoleList[len(m.RoleList)-1].RoleId
	}
	return body
}

func cutLast(text, separator string) (before, after string, found bool) {
	if i := strings.LastIndex(text, separator); i >= 0 {
		return text[:i], text[i+len(separator):], true
	}
	return "", text, false
}
