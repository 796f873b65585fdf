using Azure.Messaging.ServiceBus;
using CommentFunctions.Bot;
using Microsoft.Azure.Functions.Worker;

namespace CommentFunctions.Expiry;

/// <summary>
/// Does a run of the expiry job that an operator asked for. A message starts its run once: delivered again, to a run that has ended or
/// lost its process, it does nothing.
/// </summary>
public sealed class RunExpiry(ExpiryJob job, OperatorRuns runs)
{
    /// <summary>Runs for each message.</summary>
    [Function(nameof(RunExpiry))]
    public Task RunAsync(
        [ServiceBusTrigger(BotQueues.ExpiryRuns, Connection = BotQueues.Connection)] ServiceBusReceivedMessage message,
        ServiceBusMessageActions actions,
        CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(message);
        return QueueJson.TryRead<AskedRun>(message, out var problem) is { } asked
            ? runs.RunAsync(asked.Id, () => job.RunWaitingAsync(asked.Id, cancellationToken))
            : actions.DeadLetterMalformedAsync(message, problem, cancellationToken);
    }
}
