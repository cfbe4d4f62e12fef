package main

import (
	"context"
	"encoding/binary"
	"fmt"
	"net"
	"sort"

	"github.com/google/uuid"
	"github.com/vmware/govmomi/object"
	"github.com/vmware/govmomi/simulator"
	"github.com/vmware/govmomi/vim25"
	"github.com/vmware/govmomi/vim25/mo"
	"github.com/vmware/govmomi/vim25/types"
)

// machines lists the VMs in the order of their creation. Their references end in a growing number, and the registry
// is a map.
func machines() []*simulator.VirtualMachine {
	var vms []*simulator.VirtualMachine
	for _, entity := range simulator.Map.All("VirtualMachine") {
		vms = append(vms, entity.(*simulator.VirtualMachine))
	}
	sort.Slice(vms, func(i, j int) bool {
		a, b := vms[i].Self.Value, vms[j].Self.Value
		return len(a) < len(b) || len(a) == len(b) && a < b
	})
	return vms
}

// giveUUIDs makes the UUIDs of the VMs differ between instances. The simulator derives them from the file name, which
// is the same in every vCenter; so does it for VMs made later, unless the client chooses the UUIDs.
func giveUUIDs(instance string) {
	namespace := uuid.NewSHA1(uuid.NameSpaceURL, []byte("vcsim:"+instance))
	derive := func(kind string, vm *simulator.VirtualMachine) string {
		return uuid.NewSHA1(namespace, []byte(kind+vm.Self.Value)).String()
	}
	for _, vm := range machines() {
		vm.Config.Uuid, vm.Config.InstanceUuid = derive("bios/", vm), derive("instance/", vm)
		vm.Summary.Config.Uuid, vm.Summary.Config.InstanceUuid = vm.Config.Uuid, vm.Config.InstanceUuid
	}
}

// giveAddresses sets what guest tools would report of each running VM. The fields are written directly: a
// reconfiguration by call for each VM would leave a task and an event each, and takes seconds for 10,000 VMs.
func giveAddresses(base string) error {
	first := net.ParseIP(base).To4()
	if first == nil {
		return fmt.Errorf("-ip-base %s is not an IPv4 address", base)
	}
	next := binary.BigEndian.Uint32(first)
	for _, vm := range machines() {
		if vm.Runtime.PowerState != types.VirtualMachinePowerStatePoweredOn {
			continue
		}
		address := make(net.IP, net.IPv4len)
		binary.BigEndian.PutUint32(address, next)
		next++
		vm.Guest.IpAddress, vm.Summary.Guest.IpAddress = address.String(), address.String()
		if len(vm.Guest.Net) > 0 {
			vm.Guest.Net[0].IpAddress = []string{address.String()}
		}
	}
	return nil
}

// markTemplates powers off the first n VMs of each datacenter and marks them as templates.
func markTemplates(ctx context.Context, service *simulator.Service, n int) error {
	if n == 0 {
		return nil
	}
	client, err := vim25.NewClient(ctx, service)
	if err != nil {
		return err
	}
	marked := map[types.ManagedObjectReference]int{}
	for _, datacenter := range simulator.Map.All("Datacenter") {
		marked[datacenter.Reference()] = 0 // One without VMs must be noticed below.
	}
	for _, m := range machines() {
		datacenter := datacenterOf(m)
		if marked[datacenter] == n {
			continue
		}
		vm := object.NewVirtualMachine(client, m.Self)
		if m.Runtime.PowerState == types.VirtualMachinePowerStatePoweredOn {
			task, err := vm.PowerOff(ctx)
			if err != nil {
				return err
			}
			if err := task.Wait(ctx); err != nil {
				return err
			}
		}
		if err := vm.MarkAsTemplate(ctx); err != nil {
			return err
		}
		marked[datacenter]++
	}
	for datacenter, got := range marked {
		if got < n {
			name := simulator.Map.Get(datacenter).(mo.Entity).Entity().Name
			return fmt.Errorf("-template %d: datacenter %s has only %d VMs", n, name, got)
		}
	}
	return nil
}

func datacenterOf(entity mo.Entity) types.ManagedObjectReference {
	for entity.Entity().Parent != nil {
		entity = simulator.Map.Get(*entity.Entity().Parent).(mo.Entity)
		if entity.Reference().Type == "Datacenter" {
			break
		}
	}
	return entity.Reference()
}

func countTemplates() int {
	n := 0
	for _, vm := range machines() {
		if vm.Config.Template {
			n++
		}
	}
	return n
}

// pretendToBe changes what the service says of itself, and nothing else: the inventory remains a vCenter's.
func pretendToBe(apiType string) {
	about := &simulator.Map.Get(vim25.ServiceInstance).(*simulator.ServiceInstance).Content.About
	about.ApiType = apiType
	if apiType == "HostAgent" {
		about.Name, about.ProductLineId = "VMware ESXi", "embeddedEsx"
		about.FullName = fmt.Sprintf("%s %s build-%s", about.Name, about.Version, about.Build)
		about.InstanceUuid = "" // a host has none
	}
}
