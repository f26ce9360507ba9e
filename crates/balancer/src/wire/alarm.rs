//! One timer for many waits.

use std::future::poll_fn;
use std::pin::{Pin, pin};
use std::task::{Context, Poll};
use std::time::Duration;
use tokio::time::{Instant, Sleep, sleep_until};

/// Limits one wait after another.
///
/// Putting a timer into the runtime and taking it out again costs more than the read it guards. So the
/// timer stays where it is while the deadline moves on: when it goes off too early it is set anew, once
/// per timeout instead of once per wait.
#[derive(Debug, Default)]
pub struct Alarm {
    timer: Option<Pin<Box<Sleep>>>,
    deadline: Option<Instant>,
}

impl Alarm {
    /// Waits for `future` at most `limit` long, for ever without one; `None`: too long.
    pub async fn limit<F: Future>(
        &mut self,
        limit: Option<Duration>,
        future: F,
    ) -> Option<F::Output> {
        let mut future = pin!(future);
        let mut waiting = false;
        poll_fn(|cx| {
            if let Poll::Ready(output) = future.as_mut().poll(cx) {
                return Poll::Ready(Some(output));
            }
            if !waiting {
                // The clock is read only when there is something to wait for.
                waiting = true;
                self.set(limit);
            }
            self.poll(cx).map(|()| None)
        })
        .await
    }

    /// Waits for `future` until a moment; `None`: too long.
    pub async fn until<F: Future>(
        &mut self,
        deadline: Option<Instant>,
        future: F,
    ) -> Option<F::Output> {
        let mut future = pin!(future);
        self.deadline = deadline;
        poll_fn(|cx| match future.as_mut().poll(cx) {
            Poll::Ready(output) => Poll::Ready(Some(output)),
            Poll::Pending => self.poll(cx).map(|()| None),
        })
        .await
    }

    /// From now on, goes off after `limit`; never without one.
    pub fn set(&mut self, limit: Option<Duration>) {
        self.deadline = limit.map(|limit| Instant::now() + limit);
    }

    /// Ready when the time is over.
    pub fn poll(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        let Some(deadline) = self.deadline else {
            return Poll::Pending;
        };
        let timer = self
            .timer
            .get_or_insert_with(|| Box::pin(sleep_until(deadline)));
        if timer.deadline() > deadline {
            timer.as_mut().reset(deadline);
        }
        while timer.as_mut().poll(cx).is_ready() {
            if timer.deadline() >= deadline {
                return Poll::Ready(());
            }
            timer.as_mut().reset(deadline);
        }
        Poll::Pending
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::future::pending;

    const SECOND: Duration = Duration::from_secs(1);

    #[tokio::test(flavor = "current_thread", start_paused = true)]
    async fn each_wait_has_its_own_limit() {
        let mut alarm = Alarm::default();
        let start = Instant::now();
        for _ in 0..5 {
            let slow = tokio::time::sleep(SECOND / 2);
            assert!(alarm.limit(Some(SECOND), slow).await.is_some());
        }
        assert!(alarm.limit(Some(SECOND), pending::<()>()).await.is_none());
        assert_eq!((Instant::now() - start).as_millis(), 3500);
    }

    #[tokio::test(flavor = "current_thread", start_paused = true)]
    async fn a_shorter_limit_after_a_longer_one() {
        let mut alarm = Alarm::default();
        let start = Instant::now();
        assert!(
            alarm
                .limit(Some(60 * SECOND), tokio::time::sleep(SECOND))
                .await
                .is_some()
        );
        assert!(alarm.limit(Some(SECOND), pending::<()>()).await.is_none());
        assert_eq!((Instant::now() - start).as_secs(), 2);
    }

    #[tokio::test(flavor = "current_thread", start_paused = true)]
    async fn no_limit_is_for_ever() {
        let mut alarm = Alarm::default();
        assert!(alarm.limit(Some(SECOND), pending::<()>()).await.is_none());
        let long = tokio::time::sleep(1000 * SECOND);
        assert!(alarm.limit(None, long).await.is_some());
    }
}
