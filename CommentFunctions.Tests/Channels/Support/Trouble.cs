namespace CommentFunctions.Tests.Channels.Support;

/// <summary>What a service may do instead of delivering a message.</summary>
public enum TroubleKind
{
    /// <summary>It delivers the message.</summary>
    None,

    /// <summary>429, with a wait where one is given.</summary>
    TooMany,

    /// <summary>A failure of its own, by default 500.</summary>
    Failure,

    /// <summary>It never answers.</summary>
    Hang,

    /// <summary>It cuts the connection before it answers.</summary>
    Cut,

    /// <summary>It begins to answer 200, and cuts the connection in the middle of the body.</summary>
    CutAnswer,

    /// <summary>It refuses the message, by default with 400.</summary>
    Refuse,

    /// <summary>It delivers the message and never says so.</summary>
    DeliverAndHang,
}

/// <summary>What a service does at one call.</summary>
/// <param name="Kind">What it does.</param>
/// <param name="Wait">The seconds that it asks to be left alone.</param>
/// <param name="Status">The status of a failure or a refusal; 0 for the usual one.</param>
/// <param name="Text">What it says in words.</param>
/// <param name="Code">The service's own code of a refusal.</param>
/// <param name="RetryAfter">The value of the header Retry-After.</param>
/// <param name="Details">What it says at more length, where it does.</param>
/// <param name="Location">The value of the header Location.</param>
public sealed record Trouble(
    TroubleKind Kind, int? Wait = null, int Status = 0, string Text = "trouble", int Code = 0, string? RetryAfter = null, string? Details = null, string? Location = null)
{
    public static readonly Trouble None = new(TroubleKind.None);
}

/// <summary>A message that a service delivered.</summary>
/// <param name="To">The recipient, as the service names it.</param>
/// <param name="Text">Its text.</param>
/// <param name="Quote">The message that it quotes.</param>
public sealed record Delivered(string To, string Text, long? Quote = null);

/// <summary>Holds calls of services back while it is closed.</summary>
public sealed class Gate
{
    private readonly Lock gate = new();
    private TaskCompletionSource opened = Open();
    private int waiting;

    /// <summary>How many calls are held back.</summary>
    public int Waiting => Volatile.Read(ref waiting);

    public bool IsOpen
    {
        get => opened.Task.IsCompleted;
        set
        {
            lock (gate)
            {
                if (value)
                {
                    opened.TrySetResult();
                }
                else if (opened.Task.IsCompleted)
                {
                    opened = new(TaskCreationOptions.RunContinuationsAsynchronously);
                }
            }
        }
    }

    public async Task PassAsync(CancellationToken cancellationToken)
    {
        Interlocked.Increment(ref waiting);
        try
        {
            await opened.Task.WaitAsync(cancellationToken);
        }
        finally
        {
            Interlocked.Decrement(ref waiting);
        }
    }

    private static TaskCompletionSource Open()
    {
        var open = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        open.SetResult();
        return open;
    }
}
