use cloud::server::Weights;

use super::*;

/// Sees `ds1` and `net1`, and has 16 threads of 1 GHz and 64 GiB.
fn host(name: &str, free_mhz: u64, free_memory_gib: u64) -> Host {
    Host {
        id: name.to_owned(),
        name: name.to_owned(),
        compute_resource: "cluster".to_owned(),
        unusable: None,
        threads: 16,
        memory_bytes: 64 * GIB,
        core_mhz: 1000,
        free_mhz,
        free_memory_bytes: free_memory_gib * GIB,
        datastores: vec!["ds1".to_owned()],
        networks: vec!["net1".to_owned()],
        n_machines: 0,
    }
}

fn datastores(free_gib: &[(&str, u64)]) -> BTreeMap<String, Datastore> {
    let datastore = |(name, free): &(&str, u64)| {
        let name = (*name).to_owned();
        (name.clone(), Datastore { name, unusable: None, free_bytes: free * GIB, shut_to: Vec::new() })
    };
    free_gib.iter().map(datastore).collect()
}

fn needed() -> Needed {
    Needed { vcpus: 2, memory_bytes: 4 * GIB, disk_bytes: 40 * GIB, networks: vec!["net1".to_owned()] }
}

/// Ten GiB stay free.
fn weighing(cpu: u32, memory: u32, disk: u32) -> Choice {
    Choice { hosts: Vec::new(), weights: Weights { cpu, memory, disk }, buffer_bytes: 10 * GIB }
}

fn on(hosts: &[Host], datastores: &BTreeMap<String, Datastore>, choice: &Choice) -> (String, String) {
    let chosen = decide(hosts, datastores, &needed(), choice).unwrap();
    (chosen.host, chosen.datastore)
}

#[test]
fn the_weights_decide_between_processor_memory_and_disk() {
    let mut roomy = host("roomy", 8000, 8);
    roomy.datastores = vec!["ds2".to_owned()];
    let hosts = [host("fast", 16000, 8), host("large", 8000, 32), roomy];
    let datastores = datastores(&[("ds1", 100), ("ds2", 1000)]);
    for (choice, expected) in [
        (weighing(1, 0, 0), "fast"),
        (weighing(0, 1, 0), "large"),
        (weighing(0, 0, 1), "roomy"),
        (weighing(1, 2, 0), "large"),
        (weighing(3, 2, 0), "fast"),
    ] {
        assert_eq!(on(&hosts, &datastores, &choice).0, expected, "{:?}", choice.weights);
    }
}

#[test]
fn of_equals_the_one_with_fewest_machines_then_the_first() {
    let busy = Host { n_machines: 3, ..host("a", 8000, 8) };
    let datastores = datastores(&[("ds1", 100)]);
    let choice = weighing(1, 1, 1);
    assert_eq!(on(&[busy.clone(), host("b", 8000, 8), host("c", 8000, 8)], &datastores, &choice).0, "b");
    assert_eq!(on(&[busy, Host { n_machines: 3, ..host("b", 8000, 8) }], &datastores, &choice).0, "a");
}

#[test]
fn the_datastore_with_most_room_that_the_host_can_write_to() {
    let mut one = host("a", 8000, 8);
    one.datastores = ["ds1", "ds2", "ds3", "ds4"].map(str::to_owned).to_vec();
    let mut datastores = datastores(&[("ds1", 60), ("ds2", 90), ("ds3", 500), ("ds4", 400), ("ds5", 900)]);
    datastores.get_mut("ds3").unwrap().shut_to = vec!["a".to_owned()];
    datastores.get_mut("ds4").unwrap().unusable = Some("is in maintenance mode".to_owned());
    assert_eq!(on(&[one.clone()], &datastores, &weighing(1, 1, 1)).1, "ds2");
    // Exactly as much as it takes and is to stay free.
    datastores.retain(|id, _| id == "ds1");
    datastores.get_mut("ds1").unwrap().free_bytes = 50 * GIB;
    assert_eq!(on(&[one.clone()], &datastores, &weighing(1, 1, 1)).1, "ds1");
    datastores.get_mut("ds1").unwrap().free_bytes -= 1;
    decide(&[one], &datastores, &needed(), &weighing(1, 1, 1)).unwrap_err();
}

#[test]
fn each_host_that_cannot_is_named_with_the_reason() {
    let datastores = datastores(&[("ds1", 49)]);
    let hosts = [
        Host { unusable: Some("is in maintenance mode".to_owned()), ..host("a", 1, 1) },
        Host { threads: 1, ..host("b", 1, 1) },
        Host { memory_bytes: GIB, ..host("c", 1, 1) },
        Host { networks: Vec::new(), ..host("d", 1, 1) },
        Host { datastores: Vec::new(), ..host("e", 1, 1) },
        host("f", 1, 1),
    ];
    let err = decide(&hosts, &datastores, &needed(), &weighing(1, 1, 1)).unwrap_err();
    assert_eq!(
        err,
        "no host can take the machine now: a is in maintenance mode, b has 1 logical CPUs, of 2, c has 1.0 GiB of memory, \
         of 4.0 GiB, d has no connection to net1, e sees no datastore that the farm role allows, f has no datastore for it \
         (ds1 has 49.0 GiB free, of 40.0 GiB for disks and 10.0 GiB to stay free); make room, or let the farm role use \
         other hosts and datastores"
    );
    let many: Vec<_> = (0..20).map(|it| Host { threads: 0, ..host(&it.to_string(), 1, 1) }).collect();
    let err = decide(&many, &datastores, &needed(), &weighing(1, 1, 1)).unwrap_err();
    assert!(err.contains("7 has 0 logical CPUs, of 2, and 12 more; make room"), "{err}");
}

#[test]
fn the_choice_is_told_with_what_was_excluded() {
    let hosts = [Host { threads: 1, ..host("a", 1, 1) }, host("b", 4000, 8)];
    let chosen = decide(&hosts, &datastores(&[("ds1", 100)]), &needed(), &weighing(1, 1, 1)).unwrap();
    let told: Vec<_> = chosen.evidence.iter().map(|(key, value)| format!("{key}: {value}")).collect();
    assert_eq!(
        told,
        [
            "choice: 4000 MHz and 8.0 GiB of memory were free, 100.0 GiB on the datastore; 1 of 2 hosts could take it",
            "datastore: ds1 (ds1)",
            "excluded: a has 1 logical CPUs, of 2",
            "host: b (b)",
        ]
    );
}

#[test]
fn what_was_placed_a_moment_ago_counts_as_used() {
    let plan = |host: &str| Planned {
        mark: Mark(uuid::Uuid::nil()),
        at: Instant::now(),
        host: host.to_owned(),
        datastore: "ds1".to_owned(),
        vcpus: 2,
        memory_bytes: 4 * GIB,
        disk_bytes: 40 * GIB,
    };
    let hosts = vec![host("a", 8000, 8), host("b", 8000, 8)];
    let place = |planned: &[Planned]| {
        let (hosts, datastores) = with_planned(hosts.clone(), datastores(&[("ds1", 100)]), planned);
        decide(&hosts, &datastores, &needed(), &weighing(1, 1, 1)).map(|it| it.host)
    };
    assert_eq!(place(&[]).unwrap(), "a");
    assert_eq!(place(&[plan("a")]).unwrap(), "b");
    // Twice 40 GiB of 100: no third with 10 to stay free.
    place(&[plan("a"), plan("b")]).unwrap_err();
}
