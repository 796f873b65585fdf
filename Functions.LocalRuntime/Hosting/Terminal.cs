namespace Functions.LocalRuntime.Hosting;

/// <summary>Tells people how the process is doing. Where they cannot be told, for the disk is full or the reader gone, the process goes on.</summary>
internal static class Terminal
{
    public static void WriteLine(string text) => Write(Console.Out, text);

    public static void WriteError(string text) => Write(Console.Error, text);

    private static void Write(TextWriter writer, string text)
    {
        try
        {
            writer.WriteLine(text);
        }
        catch (IOException)
        {
        }
    }
}
