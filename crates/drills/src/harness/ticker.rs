//! Something that is done again and again on a thread of its own.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::{self, JoinHandle};
use std::time::Duration;

/// Does it until it is dropped; dropping waits for what is being done.
#[derive(Debug)]
pub(crate) struct Ticker {
    stop: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

impl Ticker {
    /// Calls `tick` at once and again after the pause that it returns; `None` ends it.
    pub(crate) fn start(mut tick: impl FnMut() -> Option<Duration> + Send + 'static) -> Self {
        let stop: Arc<AtomicBool> = Arc::default();
        let thread = thread::spawn({
            let stop = stop.clone();
            move || {
                while !stop.load(Ordering::Relaxed) {
                    let Some(pause) = tick() else { return };
                    thread::park_timeout(pause);
                }
            }
        });
        Self { stop, thread: Some(thread) }
    }
}

impl Drop for Ticker {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::Relaxed);
        if let Some(thread) = self.thread.take() {
            thread.thread().unpark();
            let _panicked = thread.join();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::mpsc::channel;

    #[test]
    fn it_goes_on_until_it_is_dropped_however_long_the_pause() {
        let (sender, receiver) = channel();
        let mut pauses = [Duration::ZERO, Duration::ZERO, Duration::from_hours(1)].into_iter();
        let ticker = Ticker::start(move || {
            sender.send(()).ok()?;
            pauses.next()
        });
        assert_eq!(receiver.iter().take(3).count(), 3);
        drop(ticker);
        // The thread is gone, and its sender with it.
        assert!(receiver.recv().is_err());
    }

    #[test]
    fn it_ends_by_itself_where_there_is_no_next_time() {
        let (sender, receiver) = channel();
        let _ticker = Ticker::start(move || sender.send(()).err().map(|_| Duration::ZERO));
        assert_eq!(receiver.iter().count(), 1);
    }
}
