//! Shares, reservations and limits of servers.

use cloud::{
    CloudError,
    operation::{Allocation, Limit, Operation, Progress, Shares},
};

use crate::{
    operation_responders::{machine_with, operate, sent},
    operations::Scene,
    responder::fault,
    server_responders::{Scene as Answers, failed, order},
};

const AS_IT_IS: Allocation = Allocation { shares: None, reservation: None, limit: None };

fn set(cpu: Allocation, memory: Allocation) -> Operation {
    Operation::SetAllocation { cpu, memory }
}

fn all(shares: Shares, reservation: u64, limit: Limit) -> Allocation {
    Allocation { shares: Some(shares), reservation: Some(reservation), limit: Some(limit) }
}

#[tokio::test]
async fn shares_reservations_and_limits_are_set() {
    let scene = Scene::start().await;
    let now = async || {
        let details = scene.details().await;
        (details.cpu_allocation.unwrap(), details.memory_allocation.unwrap())
    };
    let (cpu, memory) = now().await;
    assert_eq!((cpu.shares, cpu.reservation, cpu.limit), (Some(Shares::Normal), Some(0), Some(Limit::Unlimited)));
    assert_eq!(memory, cpu);
    let same = scene.operate(1, &set(cpu, memory), None).await.unwrap();
    assert_eq!(same, Progress::Done(None), "it has that");

    let (cpu, memory) = (all(Shares::Custom(6000), 500, Limit::At(4000)), all(Shares::High, 256, Limit::At(1024)));
    assert_eq!(scene.done(2, &set(cpu, memory)).await, None);
    assert_eq!(now().await, (cpu, memory));
    // The answer was lost.
    assert_eq!(scene.operate(2, &set(cpu, memory), None).await.unwrap(), Progress::Done(None));

    // What is not given stays.
    scene.done(3, &set(AS_IT_IS, Allocation { limit: Some(Limit::Unlimited), ..AS_IT_IS })).await;
    assert_eq!(now().await, (cpu, Allocation { limit: Some(Limit::Unlimited), ..memory }));
    scene.done(4, &set(Allocation { shares: Some(Shares::Low), ..AS_IT_IS }, AS_IT_IS)).await;
    let low = Allocation { shares: Some(Shares::Low), ..cpu };
    assert_eq!(now().await.0, low);
    let text = scene.refused(&set(Allocation { reservation: Some(4001), ..AS_IT_IS }, AS_IT_IS)).await;
    assert_eq!(text, "4001 MHz of CPU cannot be reserved for web/1% while 4000 are its limit");
    let text = scene.refused(&set(AS_IT_IS, Allocation { limit: Some(Limit::At(255)), ..AS_IT_IS })).await;
    assert_eq!(text, "256 MiB of memory cannot be reserved for web/1% while 255 are its limit");
    assert_eq!(now().await.0, low);
}

fn info(reservation: u64, limit: i64, shares: u32, level: &str) -> String {
    format!(
        "<val xsi:type=\"ResourceAllocationInfo\"><reservation>{reservation}</reservation><expandableReservation>false\
         </expandableReservation><limit>{limit}</limit><shares><shares>{shares}</shares><level>{level}</level></shares>\
         </val>"
    )
}

/// In the order of the elements on which a vCenter insists, and nothing of what is to stay.
#[tokio::test]
async fn the_request_for_an_allocation_is_complete_responder() {
    let (cpu, memory) = (info(0, -1, 2000, "normal"), info(128, -1, 5120, "normal"));
    let properties = [("config.cpuAllocation", cpu.as_str()), ("config.memoryAllocation", memory.as_str())];
    let scene = Answers::default().with("VirtualMachine", &machine_with("poweredOn", &properties));
    let request = async |operation: Operation| {
        scene.sent.lock().unwrap().clear();
        let progress = operate(&scene.start().await, &operation, None).await.unwrap();
        assert!(matches!(progress, Progress::UnderWay(Some(_))), "{progress:?}");
        let sent = sent(&scene);
        let begin = "<ReconfigVM_Task xmlns=\"urn:vim25\"><_this type=\"VirtualMachine\">vm-9</_this><spec>";
        let inside = sent.strip_prefix(begin).and_then(|it| it.strip_suffix("</spec></ReconfigVM_Task>"));
        inside.unwrap_or_else(|| panic!("{sent}")).to_owned()
    };
    let high = Allocation { shares: Some(Shares::High), ..AS_IT_IS };
    let cpu = "<cpuAllocation><reservation>0</reservation><limit>-1</limit><shares><shares>2000</shares><level>high\
               </level></shares></cpuAllocation>";
    assert_eq!(request(set(high, AS_IT_IS)).await, cpu);
    let memory = "<memoryAllocation><reservation>128</reservation><limit>512</limit><shares><shares>7</shares>\
                  <level>custom</level></shares></memoryAllocation>";
    let custom = Allocation { shares: Some(Shares::Custom(7)), reservation: None, limit: Some(Limit::At(512)) };
    assert_eq!(request(set(high, custom)).await, format!("{cpu}{memory}"));
}

#[tokio::test]
async fn a_reservation_that_a_host_has_not_is_told_responder() {
    let none = Answers::default().with("VirtualMachine", &machine_with("poweredOn", &[]));
    let wanted = set(all(Shares::High, 1 << 20, Limit::Unlimited), AS_IT_IS);
    let err = operate(&none.start().await, &wanted, None).await.unwrap_err();
    assert!(matches!(&err, CloudError::Conflict(text) if text.contains("does not tell the shares of web")), "{err:?}");
    let (cpu, memory) = (info(0, -1, 2000, "normal"), info(0, -1, 5120, "normal"));
    let properties = [("config.cpuAllocation", cpu.as_str()), ("config.memoryAllocation", memory.as_str())];
    let scene = Answers::default().with("VirtualMachine", &machine_with("poweredOn", &properties));
    let text = "The available CPU resources in the parent resource pool are insufficient for the operation.";
    let late = scene.clone().with("Task", &failed("InsufficientCpuResourcesFault", text));
    let progress = operate(&late.start().await, &wanted, Some(&order())).await.unwrap();
    let Progress::Failed { message } = progress else { panic!("{progress:?}") };
    assert!(message.contains("(InsufficientCpuResourcesFault) [ReconfigVM_Task at "), "{message}");
    let at_once = scene.reply("ReconfigVM_Task", || fault("InsufficientMemoryResourcesFault", "Not so much.", ""));
    let err = operate(&at_once.start().await, &wanted, None).await.unwrap_err();
    assert!(err.to_string().contains("(InsufficientMemoryResourcesFault)"), "{err}");
}
