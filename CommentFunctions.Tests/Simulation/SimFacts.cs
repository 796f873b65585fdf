namespace CommentFunctions.Tests.Simulation;

/// <summary>What really happened, whatever the app knows of it.</summary>
internal sealed class SimFacts
{
    /// <summary>The ids of the messages to the bot that were accepted, and whether the channel takes replies to them.</summary>
    public Dictionary<string, bool> Accepted { get; } = [];

    /// <summary>The sends of each reply, by its id.</summary>
    public Dictionary<string, List<SimWorker>> Sends { get; } = [];

    /// <summary>How many of a reply's sends nobody may know of, by its id.</summary>
    public Dictionary<string, int> Unknown { get; } = [];

    /// <summary>The comments that a caller was told are stored, with when they were written.</summary>
    public Dictionary<Guid, DateTimeOffset> Stored { get; } = [];

    /// <summary>How many comments each run really deleted.</summary>
    public Dictionary<Guid, long> Deleted { get; } = [];

    /// <summary>What was found to be wrong, in words.</summary>
    public List<string> Wrong { get; } = [];

    /// <summary>The sends whose answer their worker heard, and has not recorded yet as far as is known here.</summary>
    public HashSet<(string ReplyId, SimWorker Worker)> Answered { get; } = [];

    public void Sent(string replyId, SimWorker worker)
    {
        if (!Sends.TryGetValue(replyId, out var sends))
        {
            Sends[replyId] = sends = [];
        }

        sends.Add(worker);
    }

    public void Lost(string replyId) => Unknown[replyId] = Unknown.GetValueOrDefault(replyId) + 1;
}
