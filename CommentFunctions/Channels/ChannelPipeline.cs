using System.Threading.Channels;
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
    private readonly CallTurns turns;
    private readonly TimeSpan timeout;
    private readonly TimeProvider clock;

    /// <param name="throttle">How fast messages may be sent.</param>
    /// <param name="turns">Which of several attempts is next.</param>
    /// <param name="timeout">How long one attempt may take.</param>
    /// <param name="clock">The clock by which everything waits.</param>
    public ChannelPipeline(SendThrottle throttle, CallTurns turns, TimeSpan timeout, TimeProvider clock)
    {
        (this.throttle, this.turns, this.timeout, this.clock) = (throttle, turns, timeout, clock);
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

    // Not counted for the attempt's own limit: the service knows nothing of it yet.
    private async Task<IDisposable?> TakeTurnAsync(ResilienceContext context)
    {
        if (!turns.AreTaken)
        {
            return null;
        }

        var left = TimeLeft(context);
        using var limit = new CancellationTokenSource(left > TimeSpan.Zero ? left : TimeSpan.Zero, clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, context.CancellationToken);
        try
        {
            return await turns.WaitAsync(either.Token);
        }
        catch (OperationCanceledException) when (!context.CancellationToken.IsCancellationRequested)
        {
            throw new TransientChannelException("The service does one thing at a time, and others come first.");
        }
    }

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

            Outcome<TResult> outcome;
            try
            {
                if (await owner.throttle.WaitAsync(slot, owner.TimeLeft(context), context.CancellationToken) is { } tooLong)
                {
                    return Outcome.FromException<TResult>(new TransientChannelException(
                        owner.throttle.WhyHeld(slot) ?? "So many messages are to be sent that this one has to wait.", tooLong));
                }

                using var turn = await owner.TakeTurnAsync(context);
                outcome = await callback(context, state);
            }
            catch (Exception e) when (e is OperationCanceledException or TransientChannelException)
            {
                return Outcome.FromException<TResult>(e);
            }

            if (outcome.Exception is TransientChannelException { RetryAfter: { } asked } failure)
            {
                // Also for the conversation's other messages, or for all.
                owner.throttle.Hold(failure.IsForAll ? null : slot, asked, failure.Message);
            }

            return outcome;
        }
    }
}

/// <summary>Lets calls of a service that does one thing at a time through one by one, in the order in which they come.</summary>
internal sealed class CallTurns
{
    private readonly Channel<Turn> free = Channel.CreateBounded<Turn>(1);

    public CallTurns() => free.Writer.TryWrite(new Turn(free.Writer));

    /// <summary>Whether there is anything to wait for.</summary>
    public bool AreTaken { get; set; }

    /// <summary>Waits for a turn, which lasts until what it gives is disposed.</summary>
    public async Task<IDisposable?> WaitAsync(CancellationToken cancellationToken) =>
        AreTaken ? await free.Reader.ReadAsync(cancellationToken) : null;

    private sealed class Turn(ChannelWriter<Turn> free) : IDisposable
    {
        public void Dispose() => free.TryWrite(this);
    }
}
