using CommentFunctions.Bot;
using Polly;
using Polly.Retry;
using Polly.Timeout;

namespace CommentFunctions.Channels;

/// <summary>
/// One channel's pipeline: attempts are made again where that may help, each waits for its slot, and each has a limit. No attempt
/// begins that could go on beyond <see cref="Timeout"/>, so that none has to be broken off whose message may have arrived.
/// </summary>
internal sealed class ChannelPipeline
{
    /// <summary>How long a call takes at the most, waits included: half of the lock that holds its queue message.</summary>
    public static readonly TimeSpan Timeout = TimeSpan.FromSeconds(30);

    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(5);
    private static readonly ResiliencePropertyKey<Run> Key = new(nameof(Run));

    private readonly ResiliencePipeline pipeline;
    private readonly SendThrottle throttle;
    private readonly TimeSpan timeout;
    private readonly TimeProvider clock;

    /// <param name="throttle">How fast messages may be sent.</param>
    /// <param name="timeout">How long one attempt may take.</param>
    /// <param name="clock">The clock by which everything waits.</param>
    public ChannelPipeline(SendThrottle throttle, TimeSpan timeout, TimeProvider clock)
    {
        (this.throttle, this.timeout, this.clock) = (throttle, timeout, clock);
        pipeline = new ResiliencePipelineBuilder { TimeProvider = clock }
            .AddRetry(new RetryStrategyOptions
            {
                MaxRetryAttempts = 8,
                Delay = FirstPause,
                MaxDelay = LongestPause,
                BackoffType = DelayBackoffType.Exponential,
                UseJitter = true,
                ShouldHandle = args => ValueTask.FromResult(IsWorthAnother(args.Outcome.Exception, args.Context)),
                // A little more than was asked for, so that calls that were refused together do not come back together.
                DelayGenerator = args => ValueTask.FromResult(
                    (args.Outcome.Exception as TransientChannelException)?.RetryAfter + (Random.Shared.NextDouble() * FirstPause)),
            })
            .AddStrategy(_ => new SendSlotStrategy(this), new SendSlotStrategyOptions())
            .AddTimeout(new TimeoutStrategyOptions { Timeout = timeout })
            .Build();
    }

    /// <summary>Runs an attempt until it succeeds or there is no sense in another one.</summary>
    public async Task<T> ExecuteAsync<T>(Func<CancellationToken, Task<T>> attempt, SendSlot? slot, CancellationToken cancellationToken)
    {
        var context = ResilienceContextPool.Shared.Get(cancellationToken);
        context.Properties.Set(Key, new Run(clock.GetTimestamp(), slot));
        try
        {
            return await pipeline.ExecuteAsync(
                static async (context, attempt) => await attempt(context.CancellationToken), context, attempt);
        }
        finally
        {
            ResilienceContextPool.Shared.Return(context);
        }
    }

    private bool IsWorthAnother(Exception? failure, ResilienceContext context) =>
        failure is TimeoutRejectedException or TransientChannelException { MayBeFinal: false }
        && ((failure as TransientChannelException)?.RetryAfter ?? LongestPause) + FirstPause <= TimeLeft(context);

    // For waiting, before an attempt that takes as long as it may.
    private TimeSpan TimeLeft(ResilienceContext context) => Timeout - timeout - clock.GetElapsedTime(RunOf(context).Start);

    private static Run RunOf(ResilienceContext context) => context.Properties.GetValue(Key, null!);

    private sealed record Run(long Start, SendSlot? SendSlot);

    private sealed class SendSlotStrategyOptions : ResilienceStrategyOptions;

    /// <summary>Lets an attempt wait for its slot, or gives up where that is too far off.</summary>
    private sealed class SendSlotStrategy(ChannelPipeline owner) : ResilienceStrategy
    {
        protected override async ValueTask<Outcome<TResult>> ExecuteCore<TResult, TState>(
            Func<ResilienceContext, TState, ValueTask<Outcome<TResult>>> callback, ResilienceContext context, TState state)
        {
            if (RunOf(context).SendSlot is not { } slot)
            {
                return await callback(context, state);
            }

            try
            {
                if (await owner.throttle.WaitAsync(slot, owner.TimeLeft(context), context.CancellationToken) is { } tooLong)
                {
                    return Outcome.FromException<TResult>(new TransientChannelException(
                        owner.throttle.WhyHeld(slot) ?? "So many messages are to be sent that this one has to wait.", tooLong));
                }
            }
            catch (OperationCanceledException e)
            {
                return Outcome.FromException<TResult>(e);
            }

            var outcome = await callback(context, state);
            if (outcome.Exception is TransientChannelException { RetryAfter: { } asked } failure)
            {
                // Also for the conversation's other messages, or for all.
                owner.throttle.Hold(failure.IsForAll ? null : slot, asked, failure.Message);
            }

            return outcome;
        }
    }
}
