use std::time::Duration;

use super::super::{Either, both, first, sleep, yield_now};
use super::on_each;

#[test]
fn both_waits_for_both_and_first_for_one() {
    on_each(|| async {
        let slow = async {
            sleep(Duration::from_millis(5)).await;
            1
        };
        let quick = async {
            yield_now().await;
            2
        };
        assert_eq!(both(slow, quick).await, (1, 2));
        let never = std::future::pending::<()>();
        assert_eq!(
            first(never, sleep(Duration::from_millis(1))).await,
            Either::Right(())
        );
        assert_eq!(first(async { 1 }, async { 2 }).await, Either::Left(1));
    });
}
