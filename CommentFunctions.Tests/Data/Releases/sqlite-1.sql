-- The file of version 1, as its app left it.
PRAGMA auto_vacuum = INCREMENTAL;
PRAGMA journal_mode = WAL;
BEGIN TRANSACTION;
CREATE TABLE IF NOT EXISTS "ConversationTurns" (
    "Id" TEXT NOT NULL CONSTRAINT "PK_ConversationTurns" PRIMARY KEY,
    "Conversation" TEXT NOT NULL,
    "MessageText" TEXT NOT NULL,
    "ReceivedAt" INTEGER NOT NULL,
    "ReplyText" TEXT NOT NULL,
    "RepliedAt" INTEGER NOT NULL,
    "KeptSince" INTEGER NOT NULL
);
INSERT INTO ConversationTurns VALUES('web:01a217f0-b4e4-7246-80b2-34c1b29fb300','0123456789abcdef0123456789abcdef','alice',1795697980644,'Last comment for alice was Written before the upgrade',1795697980888,1795697980559);
CREATE TABLE IF NOT EXISTS "DeliveredReplies" (
    "Id" TEXT NOT NULL CONSTRAINT "PK_DeliveredReplies" PRIMARY KEY,
    "DeliveredAt" INTEGER NOT NULL
);
INSERT INTO DeliveredReplies VALUES('reply:web:01a217f0-b4e4-7246-80b2-34c1b29fb300',1795697980930);
CREATE TABLE IF NOT EXISTS "ExpiryRuns" (
    "Id" TEXT NOT NULL CONSTRAINT "PK_ExpiryRuns" PRIMARY KEY,
    "TriggeredBy" TEXT NOT NULL,
    "StartedAt" INTEGER NOT NULL,
    "Cutoff" INTEGER NOT NULL,
    "OlderThan" INTEGER NULL,
    "DryRun" INTEGER NOT NULL,
    "Deleted" INTEGER NOT NULL,
    "Duration" INTEGER NULL,
    "Outcome" TEXT NOT NULL,
    "Error" TEXT NULL
);
INSERT INTO ExpiryRuns VALUES('01A217F0-B514-72D6-9D03-15AD1F67714B','operator',1795697981049,1795611580692,NULL,0,0,251,'Succeeded',NULL);
CREATE TABLE IF NOT EXISTS "Users" (
    "UserName" TEXT NOT NULL CONSTRAINT "PK_Users" PRIMARY KEY
);
INSERT INTO Users VALUES('alice');
CREATE TABLE IF NOT EXISTS "Comments" (
    "Id" TEXT NOT NULL CONSTRAINT "PK_Comments" PRIMARY KEY,
    "UserName" TEXT NOT NULL,
    "CreatedAt" INTEGER NOT NULL,
    "Text" TEXT NOT NULL,
    CONSTRAINT "FK_Comments_Users_UserName" FOREIGN KEY ("UserName") REFERENCES "Users" ("UserName") ON DELETE CASCADE
);
INSERT INTO Comments VALUES('01A217F0-B48E-70D1-B5D9-EF7491994EE3','alice',1795697980559,'Written before the upgrade');
CREATE INDEX "IX_Comments_CreatedAt" ON "Comments" ("CreatedAt");
CREATE INDEX "IX_Comments_UserName_CreatedAt_Id" ON "Comments" ("UserName", "CreatedAt" DESC, "Id" DESC);
CREATE INDEX "IX_ConversationTurns_Conversation_ReceivedAt" ON "ConversationTurns" ("Conversation", "ReceivedAt");
CREATE INDEX "IX_ConversationTurns_KeptSince" ON "ConversationTurns" ("KeptSince");
CREATE INDEX "IX_DeliveredReplies_DeliveredAt" ON "DeliveredReplies" ("DeliveredAt");
CREATE INDEX "IX_ExpiryRuns_StartedAt" ON "ExpiryRuns" ("StartedAt");
COMMIT;
