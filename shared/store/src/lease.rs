//! Leases: the right to write for one mailbox or grant. Taking one raises the fence; nothing else does.

use std::time::Duration;

use async_trait::async_trait;
use aws_sdk_dynamodb::types::{AttributeValue, ReturnValue, ReturnValuesOnConditionCheckFailure};
use intake::{
    Error, Result, Timestamp,
    ports::{LONGEST_LEASE, Lease, LeaseOutcome, LeaseTarget, Leases},
};

use crate::{
    DynamoStore, fault,
    item::{Item, number, number_of},
    keys::Key,
};

fn key(target: LeaseTarget) -> Key {
    match target {
        LeaseTarget::Mailbox(id) => Key::run(id),
        LeaseTarget::Grant(id) => Key::alone("GRANT", id),
    }
}

fn millis(at: Timestamp) -> AttributeValue {
    number(at.as_millisecond().max(0))
}

fn time(item: &Item, name: &str) -> Option<Timestamp> {
    Timestamp::from_millisecond(i64::try_from(number_of(item, name)?).ok()?).ok()
}

#[async_trait]
impl Leases for DynamoStore {
    async fn take_lease(&self, target: LeaseTarget, now: Timestamp, ttl: Duration) -> Result<LeaseOutcome> {
        let expires_at = now.checked_add(ttl).map_err(Error::internal)?;
        let update = self
            .update(&key(target))
            .update_expression("SET leased = :yes, lease_until = :end ADD fence :one")
            .condition_expression("attribute_exists(pk) AND (attribute_not_exists(leased) OR leased = :no OR lease_until <= :now OR lease_until > :limit)")
            .expression_attribute_values(":yes", AttributeValue::Bool(true))
            .expression_attribute_values(":no", AttributeValue::Bool(false))
            .expression_attribute_values(":end", millis(expires_at))
            .expression_attribute_values(":now", millis(now))
            // A clock that was wrong may have written a time that does not come for years.
            .expression_attribute_values(":limit", millis(now.checked_add(LONGEST_LEASE).unwrap_or(Timestamp::MAX)))
            .expression_attribute_values(":one", number(1))
            .return_values(ReturnValue::AllOld)
            .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld);
        match update.send().await {
            Ok(answer) => {
                let before = answer.attributes.unwrap_or_default();
                let fence = number_of(&before, "fence").unwrap_or(0) + 1;
                let after_crash = before.get("leased") == Some(&AttributeValue::Bool(true));
                Ok(LeaseOutcome::Taken(Lease { target, fence, expires_at, after_crash }))
            }
            Err(error) => match error.as_service_error() {
                Some(aws_sdk_dynamodb::operation::update_item::UpdateItemError::ConditionalCheckFailedException(refused)) => {
                    let Some(there) = refused.item() else { return Ok(LeaseOutcome::Missing) };
                    Ok(LeaseOutcome::Busy { until: time(there, "lease_until").unwrap_or(now) })
                }
                _ => Err(fault::meaning(&error)),
            },
        }
    }

    async fn renew_lease(&self, lease: &Lease, expires_at: Timestamp) -> Result<bool> {
        self.set_lease(lease, Some(expires_at)).await
    }

    async fn release_lease(&self, lease: &Lease) -> Result<()> {
        self.set_lease(lease, None).await.map(|_| ())
    }
}

impl DynamoStore {
    /// False where the lease was lost.
    async fn set_lease(&self, lease: &Lease, until: Option<Timestamp>) -> Result<bool> {
        let update = self
            .update(&key(lease.target))
            .condition_expression("fence = :fence AND leased = :yes")
            .expression_attribute_values(":fence", number(lease.fence))
            .expression_attribute_values(":yes", AttributeValue::Bool(true));
        let update = match until {
            Some(until) => update
                .update_expression("SET lease_until = :end")
                .expression_attribute_values(":end", millis(until)),
            None => update
                .update_expression("SET leased = :no")
                .expression_attribute_values(":no", AttributeValue::Bool(false)),
        };
        Ok(fault::unless_refused(update.send().await)?.is_some())
    }
}
