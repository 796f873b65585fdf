using Azure.Messaging.ServiceBus;
using CommentFunctions.Queues;
using Microsoft.Azure.Functions.Worker;

namespace CommentFunctions.Expiry;

/// <summary>
/// Does a run of the expiry job that an operator asked for. A message starts its run once: delivered again, to a run that has ended or
/// lost its process, it does nothing.
/// </summary>
public sealed class RunExpiry(ExpiryJob job, OperatorRuns runs, FailurePolicy policy)
{
    [Function(nameof(RunExpiry))]
    public Task RunAsync(
        [ServiceBusTrigger(QueueNames.ExpiryRuns, Connection = QueueNames.Connection)] ServiceBusReceivedMessage message,
        ServiceBusMessageActions actions,
        CancellationToken cancellationToken) =>
        policy.RunAsync(
            QueueNames.ExpiryRuns,
            message,
            actions,
            (_, cancel) =>
            {
                var asked = QueueJson.Read<AskedRun>(message);
                return runs.RunAsync(asked.Id, () => job.RunWaitingAsync(asked.Id, cancel));
            },
            cancellationToken);
}
