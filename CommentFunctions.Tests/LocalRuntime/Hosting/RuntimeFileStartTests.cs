using CommentFunctions.Tests.LocalRuntime.Support;
using Functions.LocalRuntime.Settings;
using Microsoft.AspNetCore.Http;
using Microsoft.Azure.Functions.Worker;
using Microsoft.Data.Sqlite;

namespace CommentFunctions.Tests.LocalRuntime.Hosting;

/// <summary>A queue file that cannot be used ends the start, and what it holds stays as it is. (Full and read-only disks: EndToEnd.)</summary>
public sealed class RuntimeFileStartTests : IDisposable
{
    private readonly TempFolder folder = new();

    private string RuntimeFile => folder.File(".local/runtime.db");

    public void Dispose() => folder.Dispose();

    [Theory]
    [InlineData(0)]
    [InlineData(4096)]
    public async Task A_damaged_file_is_named_and_left_alone(int from)
    {
        await using (var app = await LocalApp.StartAsync([typeof(Empty)], folder: folder))
        {
            await app.SendAsync("orders", "one");
        }

        var bytes = await File.ReadAllBytesAsync(RuntimeFile);
        Random.Shared.NextBytes(bytes.AsSpan(from));
        await File.WriteAllBytesAsync(RuntimeFile, bytes);

        var message = await RefusalAsync();

        Assert.StartsWith($"{RuntimeFile} cannot be used (", message, StringComparison.Ordinal);
        Assert.Contains("It is damaged: ", message, StringComparison.Ordinal);
        Assert.Equal(bytes, await File.ReadAllBytesAsync(RuntimeFile));
    }

    [Fact]
    public async Task A_file_that_another_program_holds_is_named()
    {
        await (await LocalApp.StartAsync([typeof(Empty)], folder: folder)).DisposeAsync();
        using var other = new SqliteConnection($"Data Source={RuntimeFile};Pooling=false");
        other.Open();
        using var command = other.CreateCommand();
        command.CommandText = "PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE";
        command.ExecuteNonQuery();

        Assert.Contains("Another program holds it", await RefusalAsync(), StringComparison.Ordinal);

        other.Close();
        await (await LocalApp.StartAsync([typeof(Empty)], folder: folder)).DisposeAsync();
    }

    private async Task<string> RefusalAsync() =>
        Assert.Single((await Assert.ThrowsAsync<StartupException>(() => LocalApp.StartAsync([typeof(Empty)], folder: folder))).Messages);

    private static class Empty
    {
        [Function("Empty")]
        public static IResult Run([HttpTrigger(AuthorizationLevel.Anonymous)] HttpRequest request) => Results.Ok();
    }
}
