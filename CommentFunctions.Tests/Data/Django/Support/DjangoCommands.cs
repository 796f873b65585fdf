using System.Diagnostics;
using System.Text;
using System.Text.Json;

namespace CommentFunctions.Tests.Data.Django.Support;

/// <summary>The commands of a kind of site, on any number of databases, in one process: Django's start takes longer than most of them.</summary>
internal sealed class DjangoCommands : IAsyncDisposable
{
    private readonly Process process;
    private readonly Task<string> errors;

    /// <param name="app">The site's app.</param>
    /// <param name="usesTz">Its USE_TZ.</param>
    public DjangoCommands(string app, bool usesTz)
    {
        var start = new ProcessStartInfo(Python.With("django")!, ["-B", Path.Combine(AppContext.BaseDirectory, "Data", "Django", "Site", "manage.py")])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            StandardInputEncoding = new UTF8Encoding(encoderShouldEmitUTF8Identifier: false),
            StandardOutputEncoding = Encoding.UTF8,
        };
        start.Environment["SITE_APP"] = app;
        start.Environment["SITE_USE_TZ"] = usesTz ? "True" : "False";
        start.Environment["SITE_TIME_ZONE"] = usesTz ? "UTC" : DjangoSite.Zone;
        // Sites have keys of either size: new ones of 64 bits, those from before Django 3.2 of 32.
        start.Environment["SITE_AUTO_FIELD"] = usesTz ? "django.db.models.BigAutoField" : "django.db.models.AutoField";
        start.Environment["PYTHONIOENCODING"] = "utf-8";
        process = Process.Start(start)!;
        errors = process.StandardError.ReadToEndAsync();
    }

    /// <summary>What a command prints. One is run after the other.</summary>
    /// <param name="database">Django's settings of the database.</param>
    /// <param name="input">What the command reads.</param>
    /// <param name="arguments">Its name and arguments.</param>
    public async Task<string> RunAsync(object database, string? input, string[] arguments)
    {
        await process.StandardInput.WriteLineAsync(JsonSerializer.Serialize(new { database, input = input ?? "", arguments }));
        await process.StandardInput.FlushAsync();
        var answer = await process.StandardOutput.ReadLineAsync();
        Assert.True(answer is not null, answer is null ? await errors : null);
        var told = JsonSerializer.Deserialize<JsonElement>(answer!);
        Assert.False(told.TryGetProperty("error", out var error), error.ToString());
        return told.GetProperty("output").GetString()!;
    }

    public async ValueTask DisposeAsync()
    {
        process.StandardInput.Close();
        await process.WaitForExitAsync();
        process.Dispose();
    }
}
