using System.Collections.Concurrent;
using System.Diagnostics;
using System.Text.Json;

namespace CommentFunctions.Tests.Data.Django.Support;

/// <summary>
/// A process of a site's code, which runs the site's commands on one database after the other, for to start one takes longer than most
/// commands do. It ends with its input, which ends with the tests.
/// </summary>
#pragma warning disable CA1001 // It stays for all tests.
internal sealed class SiteProcess
#pragma warning restore CA1001
{
    private static readonly ConcurrentDictionary<(string App, bool UsesTz, bool OnPostgres), Lazy<SiteProcess>> All = new();

    private readonly SemaphoreSlim turn = new(1);
    private readonly Process process;
    private readonly Task<string> errors;

    private SiteProcess(string app, bool usesTz, object database)
    {
        var script = Path.Combine(AppContext.BaseDirectory, "Data", "Django", "Site", "serve.py");
        var start = new ProcessStartInfo(Python.With(app == DjangoSite.Contributed ? "django_comments" : "django")!, ["-B", script])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.Environment["SITE_APP"] = app;
        start.Environment["SITE_DATABASE"] = JsonSerializer.Serialize(database);
        start.Environment["SITE_USE_TZ"] = usesTz ? "True" : "False";
        start.Environment["SITE_TIME_ZONE"] = usesTz ? "UTC" : DjangoSite.Zone;
        // Sites have keys of either size: new ones of 64 bits, those from before Django 3.2 of 32.
        start.Environment["SITE_AUTO_FIELD"] = usesTz ? "django.db.models.BigAutoField" : "django.db.models.AutoField";
        start.Environment["PYTHONIOENCODING"] = "utf-8";
        process = Process.Start(start)!;
        errors = process.StandardError.ReadToEndAsync();
    }

    /// <summary>That of a kind of site; it is started where it is not there yet.</summary>
    public static SiteProcess Of(string app, bool usesTz, bool onPostgres, object database) =>
        All.GetOrAdd((app, usesTz, onPostgres), new Lazy<SiteProcess>(() => new(app, usesTz, database))).Value;

    /// <summary>Runs a command, and returns what it printed.</summary>
    public async Task<string> RunAsync(object database, string? input, string[] arguments)
    {
        await turn.WaitAsync();
        try
        {
            await process.StandardInput.WriteLineAsync(JsonSerializer.Serialize(new { database, input = input ?? "", arguments }));
            await process.StandardInput.FlushAsync();
            var line = await process.StandardOutput.ReadLineAsync();
            using var answer = JsonDocument.Parse(line ?? throw new InvalidOperationException(await errors));
            Assert.False(answer.RootElement.TryGetProperty("error", out var error), $"{error}");
            return answer.RootElement.GetProperty("output").GetString()!.Trim();
        }
        finally
        {
            turn.Release();
        }
    }
}
