namespace CommentFunctions.Tests.LocalRuntime.Support;

/// <summary>Waits for what happens on other threads, with a limit that only a failure reaches.</summary>
internal static class Wait
{
    public static readonly TimeSpan Limit = TimeSpan.FromSeconds(30);

    public static Task UntilAsync(string what, Func<bool> condition) => UntilAsync(what, () => Task.FromResult(condition()));

    public static async Task UntilAsync<T>(string what, Func<T> read, Func<T, bool> condition)
    {
        var last = read();
        await UntilAsync(() => $"{what}; last it was {last}", () => Task.FromResult(condition(last = read())));
    }

    public static Task UntilAsync(string what, Func<Task<bool>> condition) => UntilAsync(() => what, condition);

    /// <summary>The task's result, or a failure where it does not end.</summary>
    public static Task<T> ForAsync<T>(Task<T> task) => task.WaitAsync(Limit);

    public static Task ForAsync(Task task) => task.WaitAsync(Limit);

    private static async Task UntilAsync(Func<string> what, Func<Task<bool>> condition)
    {
        var deadline = Environment.TickCount64 + (long)Limit.TotalMilliseconds;
        while (!await condition())
        {
            Assert.True(Environment.TickCount64 < deadline, $"Waited {Limit.TotalSeconds} s in vain until {what()}.");
            await Task.Delay(5);
        }
    }
}
