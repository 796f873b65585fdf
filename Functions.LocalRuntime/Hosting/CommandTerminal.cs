namespace Functions.LocalRuntime.Hosting;

/// <summary>
/// The terminal that a command's standard error goes to. It is among the services only when the app runs a function as a command
/// with somebody to watch: not when serving, and not when standard error is redirected.
/// </summary>
/// <param name="writer">Writes to it.</param>
/// <param name="width">Measures it, for it may be resized.</param>
public sealed class CommandTerminal(TextWriter writer, Func<int> width)
{
    /// <summary>Writes to the terminal; standard output is left to the function's result.</summary>
    public TextWriter Writer => writer;

    /// <summary>The characters in a line.</summary>
    public int Width => width();
}
