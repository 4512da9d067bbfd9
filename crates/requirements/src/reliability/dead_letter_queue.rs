//! Asynchronous work that keeps failing is parked, alerted on and replayable.

use crate::prelude::*;

pub(super) static REQUIREMENT: Requirement = Requirement {
    id: "reliability/dead-letter-queue",
    title: "asynchronous work that keeps failing is parked, alerted on and replayable",
    why: "One message that can never be processed blocks all behind it, or is thrown away and \
          nobody hears of it.",
    remedy: "Park a message after a few attempts in a dead letter queue, alert when something \
             arrives there, and keep a command that replays it.",
    references: &[
        Reference {
            title: "Amazon SQS: dead-letter queues",
            url: "https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-dead-letter-queues.html",
        },
        Reference {
            title: "RabbitMQ: dead letter exchanges",
            url: "https://www.rabbitmq.com/docs/dlx",
        },
    ],
    since: "0.1.0",
    effort: Effort::Days(1),
    invalidated_by: &[Change::Code, Change::Configuration, Change::Manifest, Change::Dependency],
    demands: [Demand::of(Grade::Declared), Demand::of(Grade::Declared), None],
    kinds: kinds::BACKEND,
    reads: &[],
    proofs: &[
        Proof::Unread(
            "the definitions of its queues in Terraform or manifests (SQS, RabbitMQ, Kafka, \
             Pub/Sub, NATS), the alert on what is parked, and the command that replays it",
        ),
        Proof::Drill("fault"),
    ],
    cases: include_str!("dead_letter_queue.md"),
};
