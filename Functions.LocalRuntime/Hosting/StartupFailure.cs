using Microsoft.Extensions.Options;

namespace Functions.LocalRuntime.Hosting;

/// <summary>Says why an app cannot start, in lines that tell what to do, without a stack trace.</summary>
internal static class StartupFailure
{
    /// <summary>Whether the exception is one that its developer can mend by what it says.</summary>
    public static bool IsExplained(Exception exception) => exception is StartupException or OptionsValidationException;

    public static void Report(Exception exception)
    {
        Environment.ExitCode = 1;
        var messages = exception switch
        {
            StartupException startup => startup.Messages,
            OptionsValidationException options => [.. options.Failures],
            _ => [exception.Message],
        };
        Console.Error.WriteLine("Cannot start:");
        foreach (var message in messages)
        {
            Console.Error.WriteLine($"  {message}");
        }
    }

    /// <summary>For what fails before there is a host that could stop.</summary>
    public static T ExitOn<T>(Func<T> read)
    {
        try
        {
            return read();
        }
        catch (StartupException e)
        {
            Report(e);
            Environment.Exit(1);
            throw;
        }
    }
}
