//! Changes that the task of a connection hears of: it is registered for them once, and its parts only look whether there was one.

use std::future::{pending, poll_fn};
use std::pin::pin;
use std::task::Poll;

use tokio::sync::watch;

/// What comes of `work`, whose task is woken by each change. A watch is dear to poll, and the task is woken for each request: once the watch
/// knows the task, a look at its version is enough.
pub(super) async fn woken_by<V, T>(
    mut changes: watch::Receiver<V>,
    work: impl Future<Output = T>,
) -> T {
    let mut waiting = changes.clone();
    let waits = async {
        while waiting.changed().await.is_ok() {}
        pending::<()>().await;
    };
    let (mut work, mut waits) = (pin!(work), pin!(waits));
    let mut is_registered = false;
    poll_fn(|context| {
        if !is_registered || changes.has_changed().unwrap_or(false) {
            changes.mark_unchanged();
            let _never_ready = waits.as_mut().poll(context);
            is_registered = true;
        }
        work.as_mut().poll(context)
    })
    .await
}

/// What comes of `work`, unless a change comes before or none can come any more. Another part of the task is woken by them.
pub(super) async fn unless_changed<V, T>(
    changes: watch::Receiver<V>,
    work: impl Future<Output = T>,
) -> Option<T> {
    let mut work = pin!(work);
    poll_fn(|context| {
        if changes.has_changed().unwrap_or(true) {
            return Poll::Ready(None);
        }
        work.as_mut().poll(context).map(Some)
    })
    .await
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use tokio::task::yield_now;
    use tokio::time::timeout;

    use super::*;

    /// Ends when it finds this number, and is woken by nothing of its own.
    async fn found(number: u64, look: watch::Receiver<u64>) {
        poll_fn(|_| if *look.borrow() == number { Poll::Ready(()) } else { Poll::Pending }).await;
    }

    #[tokio::test]
    async fn each_change_wakes_work_that_only_looks() {
        let sender = watch::Sender::new(0);
        let work = found(2, sender.subscribe());
        let task = tokio::spawn(woken_by(sender.subscribe(), work));
        for number in 1..=2 {
            yield_now().await;
            sender.send_replace(number);
        }
        timeout(Duration::from_secs(10), task).await.unwrap().unwrap();
    }

    #[tokio::test]
    async fn work_ends_with_a_change_and_with_whoever_could_make_one() {
        let sender = watch::Sender::new(0);
        let mut look = sender.subscribe();
        assert_eq!(unless_changed(look.clone(), async { 1 }).await, Some(1));
        sender.send_replace(1);
        assert_eq!(unless_changed(look.clone(), async { 1 }).await, None);
        look.mark_unchanged();
        drop(sender);
        assert_eq!(unless_changed(look, async { 1 }).await, None);
    }
}
