using CommentFunctions.Tests.Channels.Support;

namespace CommentFunctions.Tests.EndToEnd.Support;

/// <summary>The three services, behind one gate.</summary>
internal sealed class ServicesWithTrouble : IAsyncDisposable
{
    private static readonly Trouble[] Troubles =
    [
        .. Enumerable.Repeat(new Trouble(TroubleKind.TooMany, Wait: 1), 5),
        .. Enumerable.Repeat(new Trouble(TroubleKind.Failure), 3),
        .. Enumerable.Repeat(new Trouble(TroubleKind.Failure, Status: 503, RetryAfter: "1"), 3),
        .. Enumerable.Repeat(new Trouble(TroubleKind.Cut), 4),
        .. Enumerable.Repeat(new Trouble(TroubleKind.CutAnswer), 4),
        new(TroubleKind.Hang),
    ];

    private readonly StandIn[] all;

    private ServicesWithTrouble(TelegramStandIn telegram, WhatsAppStandIn whatsApp, SignalStandIn signal)
    {
        all = [telegram, whatsApp, signal];
        (Telegram, Signal) = (telegram, signal);
        string[] rates = ["Telegram:MessagesPerSecond", "Telegram:MessagesPerSecondPerChat", "WhatsApp:MessagesPerSecond", "Signal:MessagesPerSecond"];
        string[] brakes = ["Telegram", "WhatsApp", "Signal"];
        string[] limits = ["Telegram:Timeout", "WhatsApp:Timeout", "Signal:Timeout"];
        Settings =
        [
            .. telegram.Settings.Concat(whatsApp.Settings).Concat(signal.Settings)
                .Concat(rates.Select(rate => KeyValuePair.Create($"Channels:{rate}", (string?)"10000")))
                .Concat(brakes.Select(brake => KeyValuePair.Create($"Channels:{brake}:RepliesPerMinutePerConversation", (string?)"10000")))
                .Concat(limits.Select(limit => KeyValuePair.Create($"Channels:{limit}", (string?)"00:00:05")))
                .Select(setting => (setting.Key.Replace(":", "__", StringComparison.Ordinal), setting.Value!)),
        ];
        foreach (var service in all)
        {
            service.Gate = Gate;
        }
    }

    public TelegramStandIn Telegram { get; }

    public SignalStandIn Signal { get; }

    public Gate Gate { get; } = new();

    /// <summary>The environment of an app that uses them.</summary>
    public (string Name, string Value)[] Settings { get; }

    /// <summary>How many messages were delivered.</summary>
    public int Count => all.Sum(service => service.Count);

    /// <summary>The texts that were delivered.</summary>
    public IEnumerable<string> Texts => all.SelectMany(service => service.Delivered).Select(message => message.Text);

    public static async Task<ServicesWithTrouble> StartAsync() => new(
        await StandIn.StartAsync<TelegramStandIn>(), await StandIn.StartAsync<WhatsAppStandIn>(), await StandIn.StartAsync<SignalStandIn>());

    /// <summary>Lets this share of the calls fail, in all the ways there are.</summary>
    public void Fail(double share, int seed)
    {
        var random = new Random(seed);
        foreach (var service in all)
        {
            service.Next = () =>
            {
                lock (random)
                {
                    var trouble = random.NextDouble() < share ? Troubles[random.Next(Troubles.Length)] : Trouble.None;
                    // signal-cli-rest-api names no wait, and is left alone for longer than a test takes.
                    return service is SignalStandIn && trouble.Kind == TroubleKind.TooMany ? new(TroubleKind.Failure) : trouble;
                }
            };
        }
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var service in all)
        {
            await service.DisposeAsync();
        }
    }
}
