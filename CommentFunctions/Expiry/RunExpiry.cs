using Azure.Messaging.ServiceBus;
using CommentFunctions.Bot;
using Microsoft.Azure.Functions.Worker;

namespace CommentFunctions.Expiry;

/// <summary>
/// Does a run of the expiry job that an operator asked for. A message starts its run once: delivered again, to a run that has ended or
/// lost its process, it does nothing.
/// </summary>
public sealed class RunExpiry(ExpiryJob job, OperatorRuns runs, FailurePolicy policy)
{
    /// <summary>Runs for each message.</summary>
    [Function(nameof(RunExpiry))]
    public Task RunAsync(
        [ServiceBusTrigger(BotQueues.ExpiryRuns, Connection = BotQueues.Connection)] ServiceBusReceivedMessage message,
        ServiceBusMessageActions actions,
        CancellationToken cancellationToken) =>
        policy.RunAsync(
            BotQueues.ExpiryRuns,
            message,
            actions,
            (_, cancel) =>
            {
                var asked = QueueJson.Read<AskedRun>(message);
                return runs.RunAsync(asked.Id, () => job.RunWaitingAsync(asked.Id, cancel));
            },
            cancellationToken);
}
