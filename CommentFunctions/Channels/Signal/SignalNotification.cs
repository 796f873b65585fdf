namespace CommentFunctions.Channels.Signal;

/// <summary>What signal-cli-rest-api posts for each thing that the account receives, as far as the bot uses it.</summary>
internal sealed record SignalNotification(string? Method, SignalParams? Params);

/// <summary>What was received, and by which of the accounts.</summary>
internal sealed record SignalParams(string? Account, SignalEnvelope? Envelope);

/// <summary>One thing: a message where it has data; else a receipt, somebody who types, another device of the account, and the like.</summary>
internal sealed record SignalEnvelope(string? SourceUuid, long? Timestamp, SignalData? DataMessage);

/// <summary>A message's data; without a message where it is a reaction, an attachment, a change of a group, and the like.</summary>
internal sealed record SignalData(string? Message, SignalGroup? GroupInfo);

/// <summary>The group that a message was written in.</summary>
internal sealed record SignalGroup(string? GroupId);
