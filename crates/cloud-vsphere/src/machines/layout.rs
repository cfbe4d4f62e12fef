//! Which files a machine and its snapshots consist of (`VirtualMachineFileLayoutEx`).

use std::collections::{BTreeMap, BTreeSet};

use crate::soap::tree::Node;

/// Keys of the files of each disk, by the key of its device: from the first it was made with to the one it writes to.
type Disks = BTreeMap<i64, BTreeSet<i64>>;

#[derive(Default)]
pub struct Layout {
    /// Bytes by the key of the file.
    sizes: BTreeMap<i64, u64>,
    disks: Disks,
    /// By MoRef.
    snapshots: BTreeMap<String, OfSnapshot>,
}

#[derive(Default)]
struct OfSnapshot {
    /// Its state and memory.
    files: Vec<i64>,
    /// As they were when it was made.
    disks: Disks,
}

impl Layout {
    pub fn read(layout: Node<'_>) -> Layout {
        let named = |name| layout.children().filter(move |it| it.name() == name);
        let key = |node: Node<'_>, name| node.get(name).parse::<i64>().ok();
        let snapshots = named("snapshot").map(|it| {
            // There is no memory: -1.
            let files = ["dataKey", "memoryKey"].into_iter().filter_map(|name| key(it, name)).filter(|it| *it >= 0);
            (it.get("key").to_owned(), OfSnapshot { files: files.collect(), disks: disks(it) })
        });
        Layout {
            sizes: named("file").filter_map(|it| Some((key(it, "key")?, it.get("size").parse().ok()?))).collect(),
            disks: disks(layout),
            snapshots: snapshots.collect(),
        }
    }

    /// Whether a snapshot needs a file of this disk; `None` where the vCenter does not tell.
    pub fn is_in_snapshot(&self, disk: i64) -> Option<bool> {
        let files = self.disks.get(&disk)?;
        let in_snapshots = self.snapshots.values().flat_map(|it| it.disks.values());
        Some(in_snapshots.flatten().any(|it| files.contains(it)))
    }

    /// Bytes that there are because of a snapshot: its state, its memory, and what its disks were written to since,
    /// until the snapshots made from it and, where `is_current`, until now. `None` where the vCenter does not tell.
    pub fn size(&self, snapshot: &str, children: &[&str], is_current: bool) -> Option<u64> {
        let own = self.snapshots.get(snapshot)?;
        let mut files: BTreeSet<i64> = own.files.iter().copied().collect();
        let after = children.iter().filter_map(|it| Some(&self.snapshots.get(*it)?.disks));
        for disks in after.chain(is_current.then_some(&self.disks)) {
            for (disk, before) in &own.disks {
                files.extend(disks.get(disk).into_iter().flatten().filter(|it| !before.contains(it)));
            }
        }
        files.iter().map(|it| self.sizes.get(it).copied()).sum()
    }
}

fn disks(of: Node<'_>) -> Disks {
    let disks = of.children().filter(|it| it.name() == "disk");
    let read = |disk: Node<'_>| {
        let units = disk.children().filter(|it| it.name() == "chain");
        let keys = units.flat_map(Node::children).filter(|it| it.name() == "fileKey");
        Some((disk.get("key").parse().ok()?, keys.filter_map(|it| it.text().parse().ok()).collect()))
    };
    disks.filter_map(read).collect()
}
